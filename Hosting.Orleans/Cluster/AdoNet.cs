using Orleans.Configuration;

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
}
