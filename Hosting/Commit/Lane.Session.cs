using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Commit;

/// <summary>The lane's writer session: opened, lost, and what that means for what was in memory.</summary>
internal sealed partial class Lane
{
    private async Task<IJournalWriter?> OpenAsync(WriterIdentity? previous)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            lock (this.gate)
            {
                if (this.stopping)
                {
                    return null;
                }
            }

            try
            {
                using CancellationTokenSource limit = new(TimeSpan.FromSeconds(10), time);
                return await journal.OpenWriterAsync(number, previous, limit.Token);
            }
            catch (Exception e)
            {
                Log.CannotOpen(logger, number, e.Message);
            }

            await Task.Delay(pause, time);
            pause = pause < TimeSpan.FromMilliseconds(400) ? pause * 2 : pause;
        }
    }

    private void BecomeReady()
    {
        TaskCompletionSource wake;
        lock (this.gate)
        {
            this.epoch++;
            this.ready = true;
            wake = this.readySource;
        }

        wake.TrySetResult();
    }

    // From here on nothing that is in memory is trusted. Queued units were never sent: they are decided again.
    private void LoseSession(List<Unit> unsettled)
    {
        List<Unit> lost;
        List<Confirmation> asked;
        lock (this.gate)
        {
            this.ready = false;
            this.epoch++;
            this.readySource = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lost = this.queue;
            asked = this.confirmations;
            this.queue = [];
            this.confirmations = [];
        }

        foreach (Unit unit in lost)
        {
            unit.Activation.Drop();
            unit.Resolve(this.stopping ? Fate.Unwritten : Fate.Dropped);
            unsettled.Add(unit);
        }

        asked.ForEach(c => c.Resolve(false));
    }

    private void SettleAll(List<Unit> units)
    {
        foreach (Unit unit in units)
        {
            this.Settle(unit);
        }
    }

    private void Settle(Unit unit)
    {
        if (unit.TrySettle())
        {
            this.Unreserve();
            unit.Activation.Settle(1);
        }
    }

    private async Task DisposeQuietlyAsync(IJournalWriter writer)
    {
        try
        {
            await writer.DisposeAsync();
        }
        catch (Exception e)
        {
            // Its end is made sure of when the next one opens.
            Log.SessionLost(logger, number, e);
        }
    }
}
