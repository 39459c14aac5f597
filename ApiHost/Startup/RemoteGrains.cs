using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.Hosting;
#if ORLEANS
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Journal.Postgres;
#endif

namespace OrleansBilling.ApiHost.Startup;

/// <summary>Grains that live on the silos of a cluster, and the way to them.</summary>
/// <param name="Grains">The grains.</param>
/// <param name="Cluster">The silos.</param>
/// <param name="IsConnectedAsync">Whether some silo answers, asked for so long.</param>
/// <param name="Connection">Ends the connection when disposed.</param>
internal sealed record RemoteGrains(
    IGrains Grains, ICluster Cluster, Func<TimeSpan, CancellationToken, Task<bool>> IsConnectedAsync, IAsyncDisposable Connection)
{
#if ORLEANS
    /// <summary>Connects.</summary>
    /// <param name="options">Names the database that holds the membership.</param>
    /// <param name="configuration">Has the section <c>Cluster</c>.</param>
    /// <param name="logs">Where it logs.</param>
    /// <exception cref="StartException">It cannot; the message says why and what to do.</exception>
    public static async Task<RemoteGrains> ConnectAsync(BillingOptions options, IConfiguration configuration, ILoggerFactory logs)
    {
        List<string> mistakes = [];
        ClusterSettings settings = ClusterSettingsReader.Read(configuration, mistakes);
        if (mistakes.Count > 0)
        {
            throw new StartException(string.Join(Environment.NewLine, mistakes));
        }

        try
        {
            // Whoever starts first makes the schema: a front end may be up before the first silo.
            await MembershipSchema.ApplyAsync(options.ConnectionString!, logs.CreateLogger<PostgresJournal>());
            ClusterClient client = await ClusterClient.ConnectAsync(settings, MembershipSchema.ConnectionString(options.ConnectionString!), logs);
            return new RemoteGrains(client.Grains, client.Cluster, client.Cluster.IsConnectedAsync, client);
        }
        catch (ClusterUnreachableException e)
        {
            throw new StartException(e.Message);
        }
    }
#else
    /// <summary>Tells that this build cannot.</summary>
    /// <param name="options">Not looked at.</param>
    /// <param name="configuration">Not looked at.</param>
    /// <param name="logs">Not looked at.</param>
    /// <exception cref="StartException">Always.</exception>
    public static Task<RemoteGrains> ConnectAsync(BillingOptions options, IConfiguration configuration, ILoggerFactory logs) => throw new StartException(
        "Billing:Engine is orleans, but this program was built without Orleans: build it with  dotnet build -p:Orleans=true  (./dev does so by itself where the packages are to be had), or set Billing:Engine to inprocess.");
#endif
}
