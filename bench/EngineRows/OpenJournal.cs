using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Account;
using OrleansBilling.Grains.Keys;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>What the engine is measured with: the kinds of grain that the ApiHost hosts, and its journal.</summary>
internal static class OpenJournal
{
    /// <summary>All kinds of grain.</summary>
    public static readonly IReadOnlyList<GrainKind> Kinds = [AccountGrain.Instance, KeyGrain.Instance];

    /// <summary>Every charge names its amount.</summary>
    public static readonly IPrices Prices = PriceTable.Empty;

    /// <summary>Opens the journal in a database.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="options">The experiment <c>lanes</c> sets the writer lanes of a new database.</param>
    /// <param name="shared">Whether in company; alone is what the ApiHost does by default.</param>
    public static async Task<IJournal> OnAsync(string connectionString, Options options, bool shared = false)
    {
        PostgresJournalOptions settings = new() { ConnectionString = connectionString, HostName = "bench", Shared = shared };
        if (options.ExperimentNumber("lanes") is { } lanes)
        {
            settings = settings with { Lanes = lanes };
        }

        return await PostgresJournal.OpenAsync(settings, TimeProvider.System, NullLogger<PostgresJournal>.Instance);
    }
}
