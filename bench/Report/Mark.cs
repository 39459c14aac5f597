namespace OrleansBilling.Bench.Report;

/// <summary>What a figure, or the ratio of two rows' rates, has to reach.</summary>
/// <param name="What">In words.</param>
/// <param name="Of">The row that is looked at.</param>
/// <param name="Against">The row that its rate is divided by; null looks at the figure itself.</param>
/// <param name="Goal">The mark to reach for.</param>
/// <param name="Floor">Where it begins to be done; null where the mark itself is that.</param>
/// <param name="Kind">Which figure.</param>
internal sealed record Mark(string What, string Of, string? Against, double Goal, double? Floor, MarkKind Kind)
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Mark> All =
    [
        new("engine over many accounts ÷ SQL (pgbench)", "engine_many_1024", "sql_many", 10, 3, MarkKind.AtLeast),
        new("engine over many accounts ÷ SQL (Npgsql)", "engine_many_1024", "npgsql_many", 10, 3, MarkKind.AtLeast),
        new("engine on one account ÷ SQL (pgbench)", "engine_hot_1024", "sql_hot", 60, 15, MarkKind.AtLeast),
        new("engine on one account ÷ SQL (Npgsql)", "engine_hot_1024", "npgsql_hot", 60, 15, MarkKind.AtLeast),
        new("engine over many accounts ÷ Redis", "engine_many_1024", "redis_many", 4, 1.1, MarkKind.AtLeast),
        new("engine on one account ÷ Redis", "engine_hot_1024", "redis_hot", 4, 1.1, MarkKind.AtLeast),
        new("/v1/verify ÷ bare endpoint", "http_verify", "http_bare", 0.6, 0.3, MarkKind.AtLeast),
        new("1% late repeats, many accounts ÷ without", "repeats_many", "engine_many_1024", 0.8, null, MarkKind.AtLeast),
        new("1% late repeats, one account ÷ without", "repeats_hot", "engine_hot_1024", 0.8, null, MarkKind.AtLeast),
        new("Orleans in process, many accounts ÷ WriteStateAsync", "orleans_inproc_many", "orleans_writestate_many", 20, null, MarkKind.AtLeast),
        new("Orleans in process, one account ÷ WriteStateAsync", "orleans_inproc_hot", "orleans_writestate_hot", 20, null, MarkKind.AtLeast),
        new("p99 at 64 callers, many accounts, ms", "engine_many_64", null, 10, null, MarkKind.P99AtMost),
        new("p99 at 64 callers, one account, ms", "engine_hot_64", null, 10, null, MarkKind.P99AtMost),
        new("heap per idle account, bytes", "bytes_per_account", null, 1024, null, MarkKind.ValueAtMost),
        new("cold account's first reply, ms", "cold_account_ms", null, 5, null, MarkKind.ValueAtMost),
    ];
}

/// <summary>Which figure a mark looks at, and which way.</summary>
internal enum MarkKind
{
    /// <summary>The rate.</summary>
    AtLeast,

    /// <summary>The 99th percentile of latency.</summary>
    P99AtMost,

    /// <summary>The value.</summary>
    ValueAtMost,
}
