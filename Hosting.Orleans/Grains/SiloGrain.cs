using Microsoft.Extensions.Hosting;
using Orleans.Concurrency;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>A silo, by its address: one grain on each, and on no other.</summary>
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>What the silo has in memory.</summary>
    ValueTask<SiloReport> ReportAsync();

    /// <summary>Has the silo leave the cluster, and its process end.</summary>
    ValueTask DrainAsync();
}

/// <summary>What a silo has in memory.</summary>
/// <param name="IsReady">Whether its engine decides now.</param>
/// <param name="CallsUnderWay">How many calls it has not answered yet.</param>
/// <param name="Activations">How many grains of each kind its engine has.</param>
[GenerateSerializer]
[Immutable]
[Alias("billing.silo-report")]
public sealed record SiloReport([property: Id(0)] bool IsReady, [property: Id(1)] int CallsUnderWay, [property: Id(2)] Dictionary<string, int> Activations);

/// <summary>A silo.</summary>
/// <param name="host">Its engine.</param>
/// <param name="process">Its process.</param>
[GrainType("silo")]
[Reentrant]
[OwnSilo]
public sealed class SiloGrain(EngineOfSilo host, IHostApplicationLifetime process) : Grain, ISiloGrain
{
    /// <inheritdoc/>
    public ValueTask<SiloReport> ReportAsync() => ValueTask.FromResult(host.Report());

    /// <inheritdoc/>
    public ValueTask DrainAsync()
    {
        // The stop itself waits for this call's end.
        process.StopApplication();
        return ValueTask.CompletedTask;
    }
}
