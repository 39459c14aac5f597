using System.Globalization;
using Npgsql;

namespace OrleansBilling.Journal.Postgres;

/// <summary>A table of sums: from one list of columns, the part of a statement that adds rows to it, and that part's parameters.</summary>
/// <typeparam name="TRow">What a row is made of.</typeparam>
/// <param name="name">The table, in the schema <c>billing</c>.</param>
/// <param name="columns">Its columns.</param>
internal sealed class UsageTable<TRow>(string name, params UsageColumn<TRow>[] columns)
{
    /// <summary>How many parameters it has.</summary>
    public int Parameters => columns.Length;

    /// <summary>
    /// Adds the rows whose arrays are the parameters from a number on, where <c>moved</c> has a row. Arrays of numbers may end early:
    /// what is missing is 0. They are unnested in the list of what is selected: a function in FROM writes all of its rows to a file first.
    /// </summary>
    /// <param name="first">The number of the first parameter.</param>
    /// <param name="isWide">Whether some number is greater than an Int64.</param>
    public string Sql(int first, bool isWide) => $"""
        INSERT INTO billing.{name} AS t ({List(static c => c.Name)})
            SELECT {List(static c => c is UsageNumber<TRow> ? $"COALESCE(n.{c.Name}, 0)" : $"n.{c.Name}")}
            FROM (SELECT {string.Join(", ", columns.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"unnest(${first + i}::{c.Type(isWide)}[]) AS {c.Name}")))} FROM moved) AS n
            ON CONFLICT ({this.List(static c => c.Update is null ? c.Name : null)}) DO UPDATE SET {this.List(static c => c.Update is { } update ? $"{c.Name} = {update}" : null)}
        """;

    /// <summary>Takes what is to be added.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>Whether some number is greater than an Int64.</returns>
    public bool Take(IReadOnlyList<TRow> rows)
    {
        bool isWide = false;
        foreach (UsageColumn<TRow> column in columns)
        {
            isWide |= column.Take(rows);
        }

        return isWide;
    }

    /// <summary>Gives the parameters for what was taken.</summary>
    /// <param name="parameters">Where they are added.</param>
    /// <param name="isWide">Whether some number is greater than an Int64.</param>
    public void AddTo(NpgsqlParameterCollection parameters, bool isWide)
    {
        foreach (UsageColumn<TRow> column in columns)
        {
            parameters.Add(column.Parameter(isWide));
        }
    }

    /// <summary>Lets go of what was taken.</summary>
    public void Clear()
    {
        foreach (UsageColumn<TRow> column in columns)
        {
            column.Clear();
        }
    }

    private string List(Func<UsageColumn<TRow>, string?> part) => string.Join(", ", columns.Select(part).Where(static p => p is not null));
}
