using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Membership;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>What silos and front ends say alike.</summary>
internal static class AdoNet
{
    /// <summary>Orleans' name for PostgreSQL's provider.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>A host that is gone refuses at once, or never answers; one that comes up is wanted soon.</summary>
    public static void ConnectSoon(ConnectionOptions options)
    {
        options.OpenConnectionTimeout = TimeSpan.FromSeconds(1);
        options.ConnectionRetryDelay = TimeSpan.FromMilliseconds(200);
    }

    /// <summary>Orleans' list of the gateways of all silos that are active.</summary>
    public static async Task<IGatewayListProvider> GatewaysAsync(ClusterSettings settings, string membershipConnectionString, ILoggerFactory logs)
    {
        AdoNetGatewayListProvider table = new(
            logs.CreateLogger<AdoNetGatewayListProvider>(),
            new ServiceCollection().BuildServiceProvider(),
            Options.Create(new AdoNetClusteringClientOptions { Invariant = Invariant, ConnectionString = membershipConnectionString }),
            Options.Create(new GatewayOptions()),
            Options.Create(new ClusterOptions { ClusterId = settings.ClusterId, ServiceId = settings.ServiceId }));
        await table.InitializeGatewayListProvider();
        return table;
    }
}
