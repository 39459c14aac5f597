using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting;

/// <content>A command behind a read of another grain: one wait for both, where one session proves both.</content>
public sealed partial class Engine
{
    private const long AnyEpoch = -1;

    /// <inheritdoc/>
    public async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        long began = this.time.GetTimestamp();
        if (this.TryReadAhead(guard, out Reply? read, out Activation? activation, out long seqSeen)
            && await this.AskAsync(grain, command, activation.Epoch, began, late: false, ct) is { } reply)
        {
            // What was decided or read after the guard was committed or confirmed by the session that the guard was read under, so
            // nobody else could have written the guard's grain before. A stored first reply proves no such thing.
            if (reply is not (Accepted { Replayed: true } or Denied { Outcome: Outcome.IdempotencyMismatch })
                || await this.ConfirmAsync(activation, seqSeen, began, ct))
            {
                return new GuardedReply(read, reply);
            }
        }

        // One time for both.
        Reply first = (await this.AskAsync(guard.Grain, guard.Read, AnyEpoch, began, late: true, ct))!;
        return !guard.Allows(first) ? new GuardedReply(first, null)
            : this.time.GetElapsedTime(began) >= this.options.CallTime ? new GuardedReply(first, this.TimedOut())
            : new GuardedReply(first, await this.AskAsync(grain, command, AnyEpoch, began, late: true, ct));
    }

    private async ValueTask<bool> ConfirmAsync(Activation guard, long seqSeen, long began, CancellationToken ct)
    {
        try
        {
            Task<bool> confirmation = this.LaneOf(guard.Id).ConfirmAsync(guard, seqSeen);
            await this.WithinAsync(confirmation, began, ct);
            return await confirmation;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // Only alone and on one lane does the session that commits the command also prove that the guard's grain was this host's to read.
    private bool TryReadAhead(
        Guard guard,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Reply? read,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Activation? activation,
        out long seqSeen)
    {
        read = null;
        activation = null;
        seqSeen = 0;
        if (this.journal.Shared || this.lanes.Length > 1 || !guard.Read.IsRead || !this.IsReady || !this.clock.TryNow(out long now))
        {
            return false;
        }

        Lane lane = this.lanes[0];
        if (this.directory.Find(guard.Grain.Path) is not { } found || found.Dropped || found.Epoch != lane.Epoch)
        {
            return false;
        }

        Turn turn = found.Take(guard.Read, null, new TurnInputs(now, this.prices, null, 0, this.options, this.recent));
        if (turn.Kind != TurnKind.Answer || turn.After is not null || !guard.Allows(turn.Reply!))
        {
            return false;
        }

        read = turn.Reply!;
        activation = found;
        seqSeen = turn.SeqSeen;
        return true;
    }
}
