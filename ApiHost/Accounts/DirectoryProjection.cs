using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Accounts;

/// <summary>Keeps the directory of accounts near to the journal. Any number of hosts may do it.</summary>
/// <param name="directory">The directory.</param>
/// <param name="time">Paces the loop.</param>
/// <param name="log">Where trouble is told of.</param>
internal sealed class DirectoryProjection(AccountDirectory directory, TimeProvider time, ILogger<DirectoryProjection> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="ct">Ends the loop.</param>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                while (await directory.ProjectAsync(ct))
                {
                    // A new database's first start finds one row, a release that brings the directory may find millions.
                }
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                // Whatever it is: the directory must not wait for a restart of the host.
                log.DirectoryNotRead(e.Message);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(Interval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
