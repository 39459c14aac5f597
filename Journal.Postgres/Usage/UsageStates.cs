namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Where accounts stand after this host's last step: right as long as nobody took another one since. What is read or moved on for a step
/// stands nowhere until that step is written: a step of another host may be in it, which the server may lose in a crash.
/// </summary>
internal sealed class UsageStates
{
    // Some 250 bytes each.
    private const int Max = 300_000;

    private readonly Dictionary<string, UsageAccount> all = new(StringComparer.Ordinal);
    private Guid database;
    private long step;

    /// <summary>Those that are known.</summary>
    public IReadOnlyDictionary<string, UsageAccount> All => this.all;

    /// <summary>Reads what is not known of some accounts.</summary>
    /// <param name="source">Reads it.</param>
    /// <param name="accounts">The accounts.</param>
    /// <param name="start">The position that they are to stand at.</param>
    /// <param name="ct">Gives up.</param>
    public async Task ReadAsync(UsageSource source, IReadOnlyCollection<UsageAccountBatch> accounts, UsagePosition start, CancellationToken ct)
    {
        if (start.Step != this.step || start.DatabaseId != this.database)
        {
            this.all.Clear();
        }

        (this.database, this.step) = (start.DatabaseId, 0);
        string[] unknown = [.. accounts.Select(static a => a.Account).Where(a => !this.all.ContainsKey(a))];
        if (this.all.Count + unknown.Length > Max)
        {
            // Those that are needed now stay.
            HashSet<string> wanted = [.. accounts.Select(static a => a.Account)];
            foreach (string account in this.all.Keys.Where(a => !wanted.Contains(a)).ToArray())
            {
                this.all.Remove(account);
            }
        }

        foreach ((string account, UsageAccount state) in await source.ReadStatesAsync(unknown, ct))
        {
            this.all.Add(account, state);
        }
    }

    /// <summary>What they were moved on to is written.</summary>
    /// <param name="accounts">Those that were.</param>
    /// <param name="at">Where they stand.</param>
    public void Keep(IReadOnlyList<UsageAccountBatch> accounts, UsagePosition at)
    {
        foreach (UsageAccountBatch account in accounts)
        {
            this.all[account.Account] = account.State;
        }

        this.step = at.Step;
    }
}
