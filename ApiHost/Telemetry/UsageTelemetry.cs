using System.Diagnostics.Metrics;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Telemetry;

/// <summary>Publishes how far the sums of usage have come, under the names of docs/telemetry.md.</summary>
internal sealed class UsageTelemetry : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrleansBilling.Usage";

    private readonly Meter meter = new(MeterName);

    /// <summary>Starts to publish.</summary>
    /// <param name="projector">The projector.</param>
    /// <param name="time">The clock.</param>
    public UsageTelemetry(UsageProjector projector, TimeProvider time)
    {
        DateTimeOffset started = time.GetUtcNow();
        this.meter.CreateObservableCounter("billing.usage.rows", () => projector.RowsAdded, "{row}", "Rows of the journal that this host added to the sums of usage.");
        this.meter.CreateObservableGauge(
            "billing.usage.lag",
            () => (time.GetUtcNow() - (projector.AsOfNanos is { } asOf ? DateTimeOffset.UnixEpoch.AddTicks(asOf / TimeSpan.NanosecondsPerTick) : started)).TotalSeconds,
            "s",
            "How old the moment is up to which the sums of usage are complete; since the host's start, while that is not known.");
    }

    /// <inheritdoc/>
    public void Dispose() => this.meter.Dispose();
}
