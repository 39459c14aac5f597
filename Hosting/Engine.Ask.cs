using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;
using OrleansBilling.Json;

namespace OrleansBilling.Hosting;

/// <summary>One call: turns until one stands, then the reply once it is durable or confirmed.</summary>
public sealed partial class Engine
{
    /// <inheritdoc/>
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) =>
        this.AskAsync(grain, command, AnyEpoch, this.time.GetTimestamp(), late: false, ct)!;

    // Null when the lane's session is another than the given one: nothing was decided then. Late is a call that has waited for
    // something since it began.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Reply?> AskAsync(GrainId grain, Command command, long epoch, long began, bool late, CancellationToken ct)
    {
        if (!this.started || this.stopping)
        {
            return this.Counted(new Denied(Outcome.Stopping));
        }

        Interlocked.Increment(ref this.underWay);
        try
        {
            byte[]? bodyHash = command.RequestId is null ? null : CommandBody.Hash(command);
            Lane lane = this.LaneOf(grain);
            bool foreseen = command.RequestId is null;
            late |= command.RefersTo > 0;
            while (true)
            {
                if (this.anyRests)
                {
                    late = true;
                    await this.RestAsync(grain, began, ct);
                }

                Activation activation;
                if (this.directory.Find(grain.Path) is { } found && !found.Dropped && found.Epoch == lane.Epoch)
                {
                    activation = found;
                }
                else
                {
                    late = true;
                    Task<Activation> load = this.loader.LoadAsync(grain, lane);
                    await this.WithinAsync(load, began, ct);

                    // Not thrown: while the journal is away, all who wait for a grain come by here.
                    if (load.Exception?.InnerException is { } failure && this.RefusalFor(failure) is { } refusal)
                    {
                        return this.Counted(refusal);
                    }

                    activation = await load;
                }

                if (!foreseen && this.forecast.ShouldLookUp(grain.Path, command.RequestId!))
                {
                    foreseen = late = true;
                    if (await this.FindAsync(grain, command, bodyHash!, began, ct) is { } repeated)
                    {
                        this.forecast.Count(grain);
                        return this.Counted(repeated);
                    }
                }

                if (epoch != AnyEpoch && activation.Epoch != epoch)
                {
                    return null;
                }

                // Under the session of the turn: a server that was switched to a copy since may not have the row any more.
                JournalRow? referenced = null;
                if (command.RefersTo > 0)
                {
                    Task<JournalRow?> read = this.journal.ReadRowAsync(grain, command.RefersTo, ct);
                    await this.WithinAsync(read, began, ct);
                    referenced = await read;
                }

                Event? referencedEvent = referenced is null ? null : ReadEvent(referenced);
                if (!this.clock.TryNow(out long now))
                {
                    late = true;
                    Task<bool> comparison = this.clock.CompareAsync();
                    await this.WithinAsync(comparison, began, ct);
                    if (!await comparison)
                    {
                        return this.Counted(new Denied(Outcome.ClockSkew));
                    }

                    // What was found before may be old now.
                    continue;
                }

                Turn turn = activation.Take(
                    command, bodyHash, new TurnInputs(now, this.prices, referencedEvent, referenced?.AtNanos ?? 0, this.options, this.recent));
                if (turn.Kind == TurnKind.Full)
                {
                    return this.Counted(new Denied(Outcome.Overloaded));
                }

                // The lane sees to it that this ends in time, so no timer is needed, which would cost; but for what waited elsewhere before.
                Fate? fate = turn.Kind == TurnKind.Gone ? Fate.Dropped
                    : turn.After is null ? Fate.Durable
                    : late ? await this.FateAsync(turn.After, began)
                    : await turn.After.FateAsync;
                late |= turn.After is not null;
                switch (fate)
                {
                    case null:
                        return this.Counted(turn.Kind == TurnKind.Answer ? this.TimedOut() : new Denied(Outcome.InDoubt));

                    case Fate.Durable when turn.Kind == TurnKind.Accepted:
                        return this.Counted(turn.Reply!);

                    // The row that the command refers to was on its way when it was looked for; it is there now.
                    case Fate.Durable when turn.Kind == TurnKind.Answer && referenced is null && command.RefersTo > 0 && command.RefersTo <= turn.SeqSeen:
                        break;

                    case Fate.Durable:
                        // Also where it was looked up before the turn: since then the id may have come, become durable and left the window.
                        if (command.RequestId is not null && turn.Kind == TurnKind.Answer
                            && await this.FindAsync(grain, command, bodyHash!, began, ct) is { } first)
                        {
                            return this.Counted(first);
                        }

                        late |= command.RequestId is not null;
                        Task<bool> confirmation = lane.ConfirmAsync(activation, turn.SeqSeen);
                        if (late)
                        {
                            await this.WithinAsync(confirmation, began, ct);
                        }

                        if (await confirmation)
                        {
                            return this.Counted(turn.Reply!);
                        }

                        break;

                    case Fate.RepeatedId:
                        if (command.RequestId is not null && await this.FindAsync(grain, command, bodyHash!, began, ct) is { } earlier)
                        {
                            return this.Counted(earlier);
                        }

                        break;

                    case Fate.InDoubt when turn.Kind != TurnKind.Answer:
                        return this.Counted(new Denied(Outcome.InDoubt));

                    case Fate.Unwritten:
                        return this.Counted(new Denied(Outcome.Unavailable));

                    case Fate.Dropped:
                    case Fate.InDoubt:
                        break;

                    default:
                        throw new System.Diagnostics.UnreachableException();
                }

                // What was looked up before belongs to a decision that does not stand.
                foreseen = command.RequestId is null;
                late = true;
                ct.ThrowIfCancellationRequested();
                if (this.time.GetElapsedTime(began) >= this.options.CallTime)
                {
                    return this.Counted(Overtaken());
                }
            }
        }
        catch (Exception e) when (this.RefusalFor(e) is { } refusal)
        {
            return this.Counted(refusal);
        }
        finally
        {
            Interlocked.Decrement(ref this.underWay);
        }
    }

    // What a call whose wait failed is answered; null where that is nothing a caller should be told.
    private Denied? RefusalFor(Exception failure) => failure switch
    {
        JournalUnavailableException => new Denied(Outcome.Unavailable, Detail: failure.Message),
        TimeoutException => this.TimedOut(),
        GrainBrokenException => new Denied(Outcome.GrainBroken, Detail: failure.Message),
        _ => null,
    };

    private Reply? Counted(Reply? reply)
    {
        if (reply is not null)
        {
            this.options.Metrics.CountCall(reply.Outcome);
        }

        return reply;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Reply?> FindAsync(GrainId grain, Command command, byte[] bodyHash, long began, CancellationToken ct, long upTo = long.MaxValue)
    {
        Task<JournalRow?> search = this.lookup.FindAsync(grain, command.RequestId!);
        await this.WithinAsync(search, began, ct);
        if (await search is not { } row || row.Seq > upTo)
        {
            return null;
        }

        return CryptographicOperations.FixedTimeEquals(row.RequestHash, bodyHash)
            ? new Accepted(ReadEvent(row), row.Seq, row.AtNanos, Replayed: true)
            : new Denied(Outcome.IdempotencyMismatch);
    }

    // Null when the time is over before it is known.
    private async Task<Fate?> FateAsync(Unit unit, long began)
    {
        try
        {
            await this.WithinAsync(unit.FateAsync, began, CancellationToken.None);
            return await unit.FateAsync;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static Denied Overtaken() => new(Outcome.Unavailable, Detail: "Other hosts kept writing this grain, or the journal kept failing; repeat the request.");

    private Denied TimedOut() => new(Outcome.Unavailable, Detail: $"The journal did not answer within {this.options.CallTime.TotalSeconds:0} s.");

    private static Event ReadEvent(JournalRow row)
    {
        try
        {
            return EventJson.Read(row.Type, row.Data);
        }
        catch (JsonException e)
        {
            throw new GrainBrokenException($"Row {row.Seq} of {row.Grain} cannot be read: {e.Message}", e);
        }
    }

    // Waits until the task is over, one way or another; fails only when the call's time is, or its caller gives up.
    private Task WithinAsync(Task task, long began, CancellationToken ct)
    {
        if (task.IsCompleted)
        {
            return Task.CompletedTask;
        }

        TimeSpan left = this.options.CallTime - this.time.GetElapsedTime(began);
        return OnSchedulerAsync(task).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, this.time, ct);
    }

    // WaitAsync on a task that is completed asynchronously goes by the thread pool; awaiting it first keeps to the scheduler.
    private static async Task OnSchedulerAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private async ValueTask RestAsync(GrainId grain, long began, CancellationToken ct)
    {
        if (!this.resting.TryGetValue(grain.Path, out long until))
        {
            return;
        }

        long now = this.time.GetTimestamp();
        TimeSpan rest = this.time.GetElapsedTime(now, until);
        TimeSpan left = this.options.CallTime - this.time.GetElapsedTime(began, now);
        rest = rest < left ? rest : left;
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, this.time, ct);
        }

        // A call that could not wait so long does not end the rest of others.
        if (this.time.GetTimestamp() >= until)
        {
            this.resting.TryRemove(KeyValuePair.Create(grain.Path, until));
        }
    }
}
