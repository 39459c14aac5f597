using System.Diagnostics.Metrics;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Telemetry;

/// <summary>Publishes an engine's figures under the names of docs/telemetry.md.</summary>
internal sealed class EngineTelemetry : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrleansBilling.Engine";

    private readonly Meter meter = new(MeterName);

    /// <summary>Starts to publish.</summary>
    /// <param name="engine">The engine; it has not started yet.</param>
    public EngineTelemetry(Engine engine)
    {
        EngineMetrics metrics = engine.Metrics;
        Histogram<double> duration = this.meter.CreateHistogram<double>("billing.commit.duration", "s", "How long the journal took for a commit.");
        Histogram<int> rows = this.meter.CreateHistogram<int>("billing.commit.rows", "{row}", "Rows of a commit.");
        metrics.OnCommit = (count, took) =>
        {
            duration.Record(took.TotalSeconds);
            rows.Record(count);
        };
        this.meter.CreateObservableCounter("billing.calls", () => Calls(metrics), "{call}", "Calls of grains, by what came of them.");
        this.meter.CreateObservableCounter("billing.journal.rows", () => engine.Committed.Rows, "{row}", "Rows committed.");
        this.meter.CreateObservableCounter("billing.journal.refusals", () => Refusals(metrics), "{refusal}", "What the journal refused, and why.");
        this.meter.CreateObservableCounter("billing.journal.sessions_lost", () => metrics.LostSessions, "{session}", "Writer sessions that broke.");
        this.meter.CreateObservableUpDownCounter("billing.queue.commands", () => engine.Queued, "{command}", "Commands decided and not durable yet.");
        this.meter.CreateObservableUpDownCounter("billing.grains.active", () => engine.Activations, "{grain}", "Grains in memory.");
        this.meter.CreateObservableGauge("billing.ready", () => engine.IsReady ? 1 : 0, description: "1 while the host decides.");
    }

    /// <inheritdoc/>
    public void Dispose() => this.meter.Dispose();

    private static IEnumerable<Measurement<long>> Calls(EngineMetrics metrics)
    {
        foreach (Outcome outcome in Enum.GetValues<Outcome>())
        {
            if (metrics.Calls(outcome) is > 0 and long count)
            {
                yield return new Measurement<long>(count, new KeyValuePair<string, object?>("billing.code", OutcomeMap.Answer(outcome).Code));
            }
        }
    }

    private static IEnumerable<Measurement<long>> Refusals(EngineMetrics metrics) =>
    [
        new(metrics.RefusedByFence, new KeyValuePair<string, object?>("billing.reason", "fence")),
        new(metrics.RefusedAsRepeated, new KeyValuePair<string, object?>("billing.reason", "repeated_id")),
    ];
}
