namespace OrleansBilling.Journal.Postgres;

/// <summary>A row of an account, as far as the projection of usage looks at it.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Seq">The row's number.</param>
/// <param name="AtNanos">When it was decided, in nanos since the Unix epoch.</param>
/// <param name="Type">The event's stored type name.</param>
/// <param name="Data">Its stored form; null where the projection takes nothing from that type.</param>
internal readonly record struct UsageRow(string Account, long Seq, long AtNanos, string Type, byte[]? Data);

/// <summary>How far the projection of usage has come.</summary>
/// <param name="DatabaseId">The database it belongs to.</param>
/// <param name="Step">The number of the last step: whoever writes the next one says which it follows.</param>
/// <param name="Tx">All transactions with a smaller number are in it, once nothing is swept.</param>
/// <param name="AsOfMicros">All that was acknowledged before is in it, in microseconds as PostgreSQL counts them; null is not known.</param>
/// <param name="Sweep">While it goes account by account: the last grain that is done.</param>
internal sealed record UsagePosition(Guid DatabaseId, long Step, ulong Tx, long? AsOfMicros, string? Sweep)
{
    /// <summary>
    /// The next step. It is numbered by the server's clock: steps are not waited for on the disk, and where a crash took some of them
    /// along, none that is taken instead may pass for one that a host has in mind.
    /// </summary>
    /// <param name="moment">When it began.</param>
    public UsagePosition Next(UsageMoment moment) => this with { Step = Math.Max(this.Step + 1, PgTime.ToNanos(moment.NowMicros) / 1000) };
}

/// <summary>What the server says of itself and of the projection, at one moment.</summary>
/// <param name="DatabaseId">The database's identity now.</param>
/// <param name="NowMicros">The server's clock.</param>
/// <param name="Xmin">Every transaction with a smaller number has ended.</param>
/// <param name="Xmax">No transaction with this number or a higher one has begun.</param>
/// <param name="Position">How far the projection has come; null where it has not begun.</param>
internal sealed record UsageMoment(Guid DatabaseId, long NowMicros, ulong Xmin, ulong Xmax, UsagePosition? Position);

/// <summary>Where an account stands in the projection.</summary>
internal sealed class UsageAccount
{
    /// <summary>The account's mode before anything is known of it.</summary>
    public const string UsualMode = "live";

    /// <summary>ISO 4217's code for no currency.</summary>
    public const string NoCurrency = "XXX";

    /// <summary>The last row that counted.</summary>
    public long Seq { get; set; }

    /// <summary>The newest bucket, in microseconds as PostgreSQL counts them.</summary>
    public long Bucket { get; set; } = long.MinValue;

    /// <summary>How many combinations that bucket has, at most.</summary>
    public int Combinations { get; set; }

    /// <summary>Whether its buckets are quarters of hours.</summary>
    public bool PartHours { get; set; }

    /// <summary>Its currency.</summary>
    public string Currency { get; set; } = NoCurrency;

    /// <summary>live or test.</summary>
    public string Mode { get; set; } = UsualMode;

    /// <summary>active, suspended or closed; empty where it was not opened.</summary>
    public string Status { get; set; } = "";

    /// <summary>Its newest day, by UTC.</summary>
    public DateOnly Day { get; set; }

    /// <summary>Requests of that day.</summary>
    public long DayRequests { get; set; }

    /// <summary>What was charged on that day, in nanos.</summary>
    public Int128 DayCharged { get; set; }

    /// <summary>Counts a bucket's combinations, as if all of them were new.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <returns>False where it may have more than it has room for: its rows have to be counted.</returns>
    public bool TryTake(UsageBucket bucket)
    {
        // After a move from quarters to whole hours, a bucket may begin before the newest one: how many rows it has is not known here.
        if (bucket.Start < this.Bucket)
        {
            return false;
        }

        this.Combinations = bucket.Entries.Count + (bucket.Start == this.Bucket ? this.Combinations : 0);
        this.Bucket = bucket.Start;
        return this.Combinations <= UsageBatch.CombinationsMax;
    }

    /// <summary>Takes the number of combinations that was counted.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="combinations">How many it has.</param>
    public void Take(UsageBucket bucket, int combinations) => this.Combinations = bucket.Start == this.Bucket ? combinations : this.Combinations;
}
