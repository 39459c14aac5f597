using Npgsql;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Sums over a time: what was used, charged, reversed and granted. Money in nanos.</summary>
public sealed record Figures
{
    /// <summary>Charges and holds that were allowed.</summary>
    public long Requests { get; init; }

    /// <summary>Reversals.</summary>
    public long Reversals { get; init; }

    /// <summary>Input tokens that were not read from a cache.</summary>
    public decimal InputTokens { get; init; }

    /// <summary>Output tokens without reasoning.</summary>
    public decimal OutputTokens { get; init; }

    /// <summary>Input tokens read from a cache.</summary>
    public decimal CachedTokens { get; init; }

    /// <summary>Tokens of reasoning.</summary>
    public decimal ReasoningTokens { get; init; }

    /// <summary>Charged and captured.</summary>
    public decimal ChargedNanos { get; init; }

    /// <summary>Reversed in this time, whenever it was charged.</summary>
    public decimal ReversedNanos { get; init; }

    /// <summary>Credit that was put on accounts.</summary>
    public decimal GrantedNanos { get; init; }

    /// <summary>Credit that was taken off accounts.</summary>
    public decimal DebitedNanos { get; init; }

    /// <summary>Credit that ended unused.</summary>
    public decimal ExpiredNanos { get; init; }
}

/// <summary>Reads sums.</summary>
internal static class FiguresReader
{
    /// <summary>The columns of <see cref="Figures"/>, of rows called <c>u</c>.</summary>
    public const string Columns = """
        sum(u.requests)::bigint, sum(u.reversals)::bigint, sum(u.input_tokens), sum(u.output_tokens), sum(u.cached_tokens), sum(u.reasoning_tokens),
        sum(u.charged), sum(u.reversed), sum(u.granted), sum(u.debited), sum(u.expired)
        """;

    /// <summary>Reads those columns.</summary>
    /// <param name="reader">The row.</param>
    /// <param name="first">Where they begin.</param>
    public static Figures Read(NpgsqlDataReader reader, int first) => new()
    {
        Requests = reader.GetInt64(first),
        Reversals = reader.GetInt64(first + 1),
        InputTokens = reader.GetDecimal(first + 2),
        OutputTokens = reader.GetDecimal(first + 3),
        CachedTokens = reader.GetDecimal(first + 4),
        ReasoningTokens = reader.GetDecimal(first + 5),
        ChargedNanos = reader.GetDecimal(first + 6),
        ReversedNanos = reader.GetDecimal(first + 7),
        GrantedNanos = reader.GetDecimal(first + 8),
        DebitedNanos = reader.GetDecimal(first + 9),
        ExpiredNanos = reader.GetDecimal(first + 10),
    };
}
