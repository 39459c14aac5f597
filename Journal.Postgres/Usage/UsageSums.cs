namespace OrleansBilling.Journal.Postgres;

/// <summary>What adds up. Money in nanos.</summary>
internal class UsageSums
{
    /// <summary>Charges and holds that were allowed; a late capture is part of its hold.</summary>
    public long Requests { get; set; }

    /// <summary>Reversals.</summary>
    public long Reversals { get; set; }

    /// <summary>Of the meter, as charged and captured.</summary>
    public Int128 Quantity { get; set; }

    /// <summary>Input tokens that were not read from a cache.</summary>
    public Int128 InputTokens { get; set; }

    /// <summary>Output tokens without reasoning.</summary>
    public Int128 OutputTokens { get; set; }

    /// <summary>Input tokens read from a cache.</summary>
    public Int128 CachedTokens { get; set; }

    /// <summary>Tokens of reasoning.</summary>
    public Int128 ReasoningTokens { get; set; }

    /// <summary>Charged and captured.</summary>
    public Int128 Charged { get; set; }

    /// <summary>Reversed of charges, whenever those were made.</summary>
    public Int128 Reversed { get; set; }

    /// <summary>Credit that was put on accounts.</summary>
    public Int128 Granted { get; set; }

    /// <summary>Credit that was taken off accounts.</summary>
    public Int128 Debited { get; set; }

    /// <summary>Credit that ended unused.</summary>
    public Int128 Expired { get; set; }

    /// <summary>What all of it does to the balance.</summary>
    public Int128 Balance => this.Granted + this.Reversed - this.Charged - this.Debited - this.Expired;

    /// <summary>Adds others.</summary>
    public void Add(UsageSums more)
    {
        this.Requests += more.Requests;
        this.Reversals += more.Reversals;
        this.Quantity += more.Quantity;
        this.InputTokens += more.InputTokens;
        this.OutputTokens += more.OutputTokens;
        this.CachedTokens += more.CachedTokens;
        this.ReasoningTokens += more.ReasoningTokens;
        this.Charged += more.Charged;
        this.Reversed += more.Reversed;
        this.Granted += more.Granted;
        this.Debited += more.Debited;
        this.Expired += more.Expired;
    }
}

/// <summary>What adds up under one combination.</summary>
/// <param name="of">The combination.</param>
internal sealed class UsageEntry(in UsageCombination of) : UsageSums
{
    /// <summary>The combination.</summary>
    public UsageCombination Of { get; } = of;
}

/// <summary>What was used by whom: the rows of a bucket. A text that is not there is empty.</summary>
/// <param name="Meter">The meter; empty for what is not about use.</param>
/// <param name="Endpoint">The vendor's endpoint.</param>
/// <param name="Model">The model.</param>
/// <param name="Key">The key.</param>
/// <param name="Workspace">The workspace.</param>
/// <param name="Other">Whether it stands for all that found no room, and only the key is said.</param>
internal readonly record struct UsageCombination(string Meter, string Endpoint, string Model, string Key, string Workspace, bool Other)
{
    /// <summary>Credit and its end.</summary>
    public static readonly UsageCombination Credit = new("", "", "", "", "", false);

    /// <summary>Where it goes when there is no room for it.</summary>
    public UsageCombination ToOther() => new("", "", "", this.Key, "", true);
}
