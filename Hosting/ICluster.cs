namespace OrleansBilling.Hosting;

/// <summary>Where grains live, and what an operator can do about it. None of this moves money: a grain is the same wherever it lives.</summary>
public interface ICluster
{
    /// <summary>Who hosts grains now. A host that does not answer is among them, and said not to.</summary>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ClusterUnreachableException">Nobody could be asked.</exception>
    Task<ClusterView> LookAsync(CancellationToken ct);

    /// <summary>The name of the host that has a grain in memory, as far as is known; null for none.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ClusterUnreachableException">Nobody could be asked.</exception>
    Task<string?> LocateAsync(GrainId grain, CancellationToken ct);

    /// <summary>Takes a grain out of memory and has its snapshot written.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="ClusterOutcome.Done"/>, <see cref="ClusterOutcome.NotInMemory"/>, <see cref="ClusterOutcome.GrainBusy"/> or <see cref="ClusterOutcome.NoAnswer"/>.</returns>
    Task<ClusterOutcome> DeactivateAsync(GrainId grain, CancellationToken ct);

    /// <summary>Has a grain live on another host.</summary>
    /// <param name="grain">The grain; one that is not in memory comes into it there.</param>
    /// <param name="host">The host's name.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Any but <see cref="ClusterOutcome.NotInMemory"/> and <see cref="ClusterOutcome.LastHost"/>.</returns>
    Task<ClusterOutcome> MoveAsync(GrainId grain, string host, CancellationToken ct);

    /// <summary>Has a host leave: it takes nothing new, answers what it has, its grains go elsewhere, and its process ends.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="ClusterOutcome.Done"/> once it has begun; otherwise any that is not about a grain.</returns>
    Task<ClusterOutcome> DrainAsync(string host, CancellationToken ct);
}

/// <summary>What became of an operator's wish.</summary>
public enum ClusterOutcome
{
    /// <summary>It is done, or, of a drain, has begun.</summary>
    Done,

    /// <summary>The grain was in nobody's memory.</summary>
    NotInMemory,

    /// <summary>Hosts that keep their own grains know of no other host.</summary>
    NoCluster,

    /// <summary>There is no host of that name.</summary>
    HostNotFound,

    /// <summary>There is, but it is joining, leaving or dead.</summary>
    HostNotActive,

    /// <summary>There is no other host to take the grains.</summary>
    LastHost,

    /// <summary>Rows of the grain were under way all the time.</summary>
    GrainBusy,

    /// <summary>Whoever had to do it did not answer in time; it may have been done.</summary>
    NoAnswer,
}

/// <summary>Those who host grains.</summary>
/// <param name="ClusterId">The cluster's id; null where hosts keep their own grains.</param>
/// <param name="IsWhole">Whether all hosts of the journal are among them.</param>
/// <param name="Hosts">The hosts, by name.</param>
public sealed record ClusterView(string? ClusterId, bool IsWhole, IReadOnlyList<HostView> Hosts);

/// <summary>One that hosts grains.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where others reach it; null where nobody does.</param>
/// <param name="Status">What it does.</param>
/// <param name="SinceNanos">When it started, in nanos since the Unix epoch.</param>
/// <param name="Activity">What it has in memory; null when it did not answer or is not asked any more.</param>
public sealed record HostView(string Name, string? Address, HostStatus Status, long SinceNanos, HostActivity? Activity);

/// <summary>What a host has in memory.</summary>
/// <param name="IsReady">Whether it decides now.</param>
/// <param name="CallsUnderWay">How many calls it has not answered yet.</param>
/// <param name="Activations">How many grains of each kind.</param>
public sealed record HostActivity(bool IsReady, int CallsUnderWay, IReadOnlyDictionary<string, int> Activations);

/// <summary>What a host does.</summary>
public enum HostStatus
{
    /// <summary>It starts, and takes nothing yet.</summary>
    Joining,

    /// <summary>It hosts grains.</summary>
    Active,

    /// <summary>It takes nothing new.</summary>
    Leaving,

    /// <summary>It ended, or the others declared that it did.</summary>
    Dead,
}

/// <summary>Nobody of the cluster could be asked.</summary>
/// <param name="message">What and what to do.</param>
/// <param name="inner">What was the matter.</param>
public sealed class ClusterUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
