using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Accounts;

/// <summary>
/// Keeps the sums of usage near to the journal. Any number of hosts may do it: one that took the last step takes the next one too, and
/// the others look on until it takes none. The longer a step took, the longer it rests: it never takes more than a third of the time from
/// what charges, and the more rows of an account there are then, the less each one costs.
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
            long began = time.GetTimestamp();
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

            TimeSpan rest = 2 * time.GetElapsedTime(began);
            await Task.Delay(more || rest > Interval ? rest : Interval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
