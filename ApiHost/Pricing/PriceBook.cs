using System.Globalization;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Pricing;

/// <summary>
/// The configured prices, in force, and every version that any host of this database was configured with: a hold is captured at
/// the prices that it was placed under. Versions are numbered by the database, the same table the same on every host.
/// </summary>
internal sealed class PriceBook : IPrices
{
    private readonly PriceVersions stored;
    private readonly int inForce;
    private readonly Lock gate = new();
    private volatile Known known = new(0, [], PriceTable.Empty);

    private PriceBook(PriceVersions stored, int inForce)
    {
        this.stored = stored;
        this.inForce = inForce;
    }

    /// <inheritdoc/>
    public string CurrentVersion => this.known.Table.CurrentVersion;

    /// <summary>Numbers the configured prices, and reads all other versions.</summary>
    /// <param name="stored">The versions of this database.</param>
    /// <param name="options">The configured prices.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<PriceBook> OpenAsync(PriceVersions stored, PriceOptions options, CancellationToken ct)
    {
        PriceBook book = new(stored, await stored.ClaimAsync(PriceForm.Write(options), ct));
        await book.LearnAsync(ct);
        return book;
    }

    /// <inheritdoc/>
    public bool TryPrice(Usage usage, string? version, out Cost cost) => this.known.Table.TryPrice(usage, version, out cost);

    /// <summary>The versions that this host knows, oldest first.</summary>
    public IReadOnlyList<PriceVersion> Versions => this.known.Versions;

    /// <summary>A version that this host knows, or null.</summary>
    /// <param name="version">Its name.</param>
    public PriceVersion? Find(string version) => Array.Find(this.known.Versions, v => v.Version == version);

    /// <summary>Reads the versions that other hosts have made since.</summary>
    /// <param name="ct">Gives up.</param>
    /// <returns>Whether there are any, so that what had no price may have one now.</returns>
    public async Task<bool> LearnAsync(CancellationToken ct)
    {
        Known before = this.known;
        IReadOnlyList<(int Number, string Table)> more = await this.stored.ReadAsync(before.Newest, ct);
        if (more.Count == 0)
        {
            return false;
        }

        PriceVersion[] all = [.. before.Versions, .. more.Select(static v => PriceForm.Read(Name(v.Number), v.Table))];
        string current = Name(this.inForce);
        Known after = new(more[^1].Number, all, new PriceTable(all.Single(v => v.Version == current), [.. all.Where(v => v.Version != current)]));
        lock (this.gate)
        {
            // Of two that learn at once the one that knows more.
            this.known = this.known.Newest > after.Newest ? this.known : after;
        }

        return true;
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Known(int Newest, PriceVersion[] Versions, PriceTable Table);
}
