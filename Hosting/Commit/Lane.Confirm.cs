using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting.Commit;

/// <summary>Confirming that activations still hold their grains' newest rows.</summary>
internal sealed partial class Lane
{
    private async Task ConfirmAsync(IJournalWriter writer, List<Confirmation> asked, bool roundTripDone)
    {
        if (journal.Shared || !roundTripDone)
        {
            TimeSpan left = this.answerTime - this.LongestWait(asked);
            if (left < this.answerTime / 5)
            {
                // Too late to ask and to be answered: the session is not given up for that.
                asked.ForEach(c => c.Resolve(false));
                return;
            }

            using CancellationTokenSource limit = new(left < options.CommitTime ? left : options.CommitTime, time);
            try
            {
                await (journal.Shared ? this.CompareHeadsAsync(writer, asked, limit.Token) : writer.PingAsync(limit.Token));
            }
            catch (OperationCanceledException e)
            {
                throw new JournalInDoubtException("The writer session did not answer.", e);
            }
        }

        foreach (Confirmation confirmation in asked)
        {
            Activation activation = confirmation.Activation;
            confirmation.Resolve(!activation.Dropped && activation.DurableSeq >= confirmation.Seq);
        }
    }

    // As with units: who waited too long does not wait for a batch as well.
    private void GiveUpLate(List<Confirmation> asked)
    {
        if (asked.Count > 0 && time.GetElapsedTime(asked[0].WaitsSince) > this.answerTime / 2)
        {
            asked.ForEach(c => c.Resolve(false));
            asked.Clear();
        }
    }

    // What the last batch had no room for waits for this answer, too.
    private TimeSpan LongestWait(List<Confirmation> asked)
    {
        TimeSpan wait = time.GetElapsedTime(asked[0].WaitsSince);
        lock (this.gate)
        {
            return this.queue.Count > 0 && time.GetElapsedTime(this.queue[0].WaitsSince) is var queued && queued > wait ? queued : wait;
        }
    }

    // No batch is in flight here, so the head can only be the activation's own durable row, or another host's.
    private async Task CompareHeadsAsync(IJournalWriter writer, List<Confirmation> asked, CancellationToken ct)
    {
        List<Activation> activations = [.. asked.Select(c => c.Activation).Distinct()];
        IReadOnlyList<Head> heads = await writer.ReadHeadsAsync([.. activations.Select(a => a.Id)], ct);
        for (int i = 0; i < heads.Count; i++)
        {
            if (heads[i] != new Head(activations[i].DurableSeq, activations[i].DurableHash))
            {
                Log.Fenced(logger, activations[i].Id);
                activations[i].Drop();
            }
        }
    }
}
