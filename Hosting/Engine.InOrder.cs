using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Turns;
using OrleansBilling.Json;

namespace OrleansBilling.Hosting;

/// <content>
/// Commands to one grain in their order: their turns are taken one behind the other, their rows are committed together, and each
/// reply waits for what its turn has seen, as that of a single call does.
/// </content>
public sealed partial class Engine
{
    /// <inheritdoc/>
    public async ValueTask<Reply[]> AskInOrderAsync(GrainId grain, IReadOnlyList<Command> commands, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Any(static c => c.RefersTo > 0))
        {
            throw new ArgumentException("A command that refers to an earlier row has to be asked by itself.", nameof(commands));
        }

        if (commands is [Command only])
        {
            return [await this.AskAsync(grain, only, ct)];
        }

        Asked[] all = [.. commands.Select(static c => new Asked(c))];
        if (!this.started || this.stopping)
        {
            Array.ForEach(all, static a => a.Reply = new Denied(Outcome.Stopping));
        }
        else
        {
            Interlocked.Increment(ref this.underWay);
            try
            {
                await this.DecideInOrderAsync(grain, all, ct);
            }
            finally
            {
                Interlocked.Decrement(ref this.underWay);
            }
        }

        return Array.ConvertAll(all, a => this.Counted(a.Reply)!);
    }

    // Rounds, until all have a reply. What does not stand was decided by an activation that is gone, and so was all behind it: the
    // next round takes those, in the same order.
    private async Task DecideInOrderAsync(GrainId grain, Asked[] all, CancellationToken ct)
    {
        long began = this.time.GetTimestamp();
        List<Asked> open = [.. all];
        while (true)
        {
            await this.DecideRoundAsync(grain, open, began, ct);
            open.RemoveAll(static a => a.Reply is not null);
            if (open.Count == 0)
            {
                return;
            }

            ct.ThrowIfCancellationRequested();
            if (this.time.GetElapsedTime(began) >= this.options.CallTime)
            {
                open.ForEach(static a => a.Reply = Overtaken());
                return;
            }

            // What was looked up before belongs to a decision that does not stand.
            open.ForEach(static a => a.IsForeseen = a.Command.RequestId is null);
        }
    }

    private async Task DecideRoundAsync(GrainId grain, List<Asked> open, long began, CancellationToken ct)
    {
        Activation activation;
        try
        {
            if (this.anyRests)
            {
                await this.RestAsync(grain, began, ct);
            }

            if (!this.clock.TryNow(out _))
            {
                Task<bool> comparison = this.clock.CompareAsync();
                await this.WithinAsync(comparison, began, ct);
                if (!await comparison)
                {
                    open.ForEach(static a => a.Reply = new Denied(Outcome.ClockSkew));
                    return;
                }
            }

            // Until there is nothing to wait for any more: while something is waited for, ids leave the window, and are to be looked up then.
            while (true)
            {
                Lane lane = this.LaneOf(grain);
                (Activation? found, Denied? refusal) = this.directory.Find(grain.Path) is { Dropped: false } active && active.Epoch == lane.Epoch
                    ? (active, null)
                    : await this.LoadAsync(grain, lane, began, ct);
                if (found is null)
                {
                    open.ForEach(a => a.Reply ??= refusal);
                    return;
                }

                activation = found;
                Asked[] late = [.. open.Where(a => a.Reply is null && !a.IsForeseen && this.forecast.ShouldLookUp(grain.Path, a.Command.RequestId!))];
                if (late.Length == 0)
                {
                    break;
                }

                await Task.WhenAll(late.Select(a => this.ForeseeAsync(grain, a, began, ct)));
            }
        }
        catch (Exception e) when (this.RefusalFor(e) is { } refusal)
        {
            // Nothing of this round has been decided.
            open.ForEach(a => a.Reply ??= refusal);
            return;
        }

        await this.SettleAsync(grain, activation, this.TakeTurns(grain, activation, open), began, ct);
    }

    // The activation, or why there is none. Not thrown: while the journal is away, all who wait for a grain come by here.
    private async Task<(Activation? Loaded, Denied? Refusal)> LoadAsync(GrainId grain, Lane lane, long began, CancellationToken ct)
    {
        Task<Activation> load = this.loader.LoadAsync(grain, lane);
        await this.WithinAsync(load, began, ct);
        return load.Exception?.InnerException is { } failure && this.RefusalFor(failure) is { } refusal ? (null, refusal) : (await load, null);
    }

    // Without a wait in between. Ends early where the activation or the clock cannot be used any more; the rest is the next round's.
    private List<Asked> TakeTurns(GrainId grain, Activation activation, List<Asked> open)
    {
        List<Asked> taken = [];
        foreach (Asked asked in open.Where(static a => a.Reply is null))
        {
            // The turns before it may have moved its id out of the window.
            if (!this.clock.TryNow(out long now) || (!asked.IsForeseen && this.forecast.ShouldLookUp(grain.Path, asked.Command.RequestId!)))
            {
                break;
            }

            Turn turn = activation.Take(asked.Command, asked.BodyHash, new TurnInputs(now, this.prices, null, 0, this.options, this.recent));
            if (turn.Kind == TurnKind.Gone)
            {
                break;
            }

            if (turn.Kind == TurnKind.Full)
            {
                asked.Reply = new Denied(Outcome.Overloaded);
                continue;
            }

            asked.Turn = turn;
            taken.Add(asked);
        }

        return taken;
    }

    // Gives a reply to each whose turn stands.
    private async Task SettleAsync(GrainId grain, Activation activation, List<Asked> taken, long began, CancellationToken ct)
    {
        List<Asked> answers = [];
        int proven = 0;
        foreach (Asked asked in taken)
        {
            Turn turn = asked.Turn;
            switch (turn.After is null ? Fate.Durable : await this.FateAsync(turn.After, began))
            {
                case null:
                    asked.Reply = turn.Kind == TurnKind.Answer ? this.TimedOut() : new Denied(Outcome.InDoubt);
                    break;

                case Fate.Durable when turn.Kind == TurnKind.Accepted:
                    asked.Reply = turn.Reply;

                    // Its row follows what this activation had, so nobody else wrote before it: what was answered before it was true.
                    proven = answers.Count;
                    break;

                case Fate.Durable:
                    answers.Add(asked);
                    break;

                case Fate.RepeatedId when asked.Command.RequestId is not null:
                    asked.Reply = await this.TryFindAsync(grain, asked, began, ct);
                    break;

                case Fate.InDoubt when turn.Kind != TurnKind.Answer:
                    asked.Reply = new Denied(Outcome.InDoubt);
                    break;

                case Fate.Unwritten:
                    asked.Reply = new Denied(Outcome.Unavailable);
                    break;

                case Fate.RepeatedId or Fate.Dropped or Fate.InDoubt:
                    break;

                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        // One that is in doubt may be on record: what came before it and does not stand would be decided anew on top of it, so it is not.
        int doubt = taken.FindLastIndex(static a => a.Reply is { Outcome: Outcome.InDoubt });
        foreach (Asked before in taken.Take(doubt).Except(answers.Take(proven)))
        {
            before.Reply ??= new Denied(Outcome.Unavailable);
        }

        // As for a single call: since its look-up the id may have come, become durable and left the window. But not after its turn: the
        // same id may stand further behind, and is asked anew there.
        Asked[] lookedUp = [.. answers.Where(static a => a.Reply is null && a.Turn.Kind == TurnKind.Answer && a.Command.RequestId is not null)];
        await Task.WhenAll(lookedUp.Select(async a => a.Reply = await this.TryFindAsync(grain, a, began, ct, upTo: a.Turn.SeqSeen)));

        // What was looked up is not proven by a commit before that: the server may have been switched for a copy between the two.
        foreach (Asked before in answers.Take(proven).Except(lookedUp))
        {
            before.Reply ??= before.Turn.Reply;
        }

        await this.ConfirmAllAsync(grain, activation, [.. answers.Where(static a => a.Reply is null)], began, ct);

        // Decided anew, they would come behind what has been accepted after them.
        foreach (Asked before in answers.Take(proven))
        {
            before.Reply ??= Overtaken();
        }
    }

    // They stand or fall together.
    private async Task ConfirmAllAsync(GrainId grain, Activation activation, Asked[] open, long began, CancellationToken ct)
    {
        if (open.Length == 0)
        {
            return;
        }

        try
        {
            Task<bool> confirmation = this.LaneOf(grain).ConfirmAsync(activation, open.Max(static a => a.Turn.SeqSeen));
            await this.WithinAsync(confirmation, began, ct);
            if (await confirmation)
            {
                Array.ForEach(open, static a => a.Reply = a.Turn.Reply);
            }
        }
        catch (Exception e) when (this.RefusalFor(e) is { } refusal)
        {
            // The time is over: another round would decide them as often as it can, and be no nearer to an answer.
            Array.ForEach(open, a => a.Reply = refusal);
        }
    }

    private async Task ForeseeAsync(GrainId grain, Asked asked, long began, CancellationToken ct)
    {
        asked.IsForeseen = true;
        if (await this.TryFindAsync(grain, asked, began, ct) is { } repeated)
        {
            this.forecast.Count(grain);
            asked.Reply = repeated;
        }
    }

    // The first reply under the command's id, or why that cannot be told; null where there is none.
    private async Task<Reply?> TryFindAsync(GrainId grain, Asked asked, long began, CancellationToken ct, long upTo = long.MaxValue)
    {
        try
        {
            return await this.FindAsync(grain, asked.Command, asked.BodyHash!, began, ct, upTo);
        }
        catch (Exception e) when (this.RefusalFor(e) is { } refusal)
        {
            return refusal;
        }
    }

    // One command of several, on its way to its reply.
    private sealed class Asked(Command command)
    {
        public Command Command => command;

        public byte[]? BodyHash { get; } = command.RequestId is null ? null : CommandBody.Hash(command);

        public bool IsForeseen { get; set; } = command.RequestId is null;

        public Turn Turn { get; set; }

        public Reply? Reply { get; set; }
    }
}
