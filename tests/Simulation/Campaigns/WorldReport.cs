using System.Text.Json.Serialization;

namespace OrleansBilling.Simulation.Campaigns;

/// <summary>What a campaign wants to know of a world that was run.</summary>
internal sealed record WorldReport
{
    public required ulong Seed { get; init; }

    public required string World { get; init; }

    public required int Operations { get; init; }

    public required long Steps { get; init; }

    public required long Rows { get; init; }

    public required ulong Trace { get; init; }

    /// <summary>How long it took, by the clock.</summary>
    public required long Milliseconds { get; init; }

    /// <summary>The processor time that its process used since the report before; 0 when that counts with the campaign's own.</summary>
    public long UsedTicks { get; init; }

    public required IReadOnlyDictionary<Outcome, int> Outcomes { get; init; }

    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>What was wrong and the shortest form found; null when nothing was.</summary>
    public string? Failure { get; init; }
}

/// <summary>Its form between processes.</summary>
[JsonSerializable(typeof(WorldReport))]
internal sealed partial class WorldReportJson : JsonSerializerContext;
