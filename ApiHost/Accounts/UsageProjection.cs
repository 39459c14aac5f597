using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Accounts;

/// <summary>
/// Keeps the sums of usage near to the journal. Any number of hosts may do it: one that took the last step takes the next one too, and
/// the others look on until it takes none.
/// </summary>
/// <param name="projector">The projector.</param>
/// <param name="time">Paces the loop.</param>
/// <param name="log">Where trouble is told of.</param>
internal sealed class UsageProjection(UsageProjector projector, TimeProvider time, ILogger<UsageProjection> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="ct">Ends the loop.</param>
    public async Task RunAsync(CancellationToken ct)
    {
        bool more = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                more = (await projector.ProjectAsync(yields: !more, ct)).More;
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                // Whatever it is: the sums must not wait for a restart of the host.
                log.UsageNotAdded(e.Message);
                more = false;
            }
            catch (Exception)
            {
                return;
            }

            // Where there is more, the projector rests as long as it has to.
            if (!more)
            {
                await Task.Delay(Interval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
