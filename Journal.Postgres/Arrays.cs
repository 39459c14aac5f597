using Npgsql;
using NpgsqlTypes;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Array parameters.</summary>
internal static class Arrays
{
    /// <summary>One element per item.</summary>
    public static NpgsqlParameter<TElement[]> Of<TItem, TElement>(NpgsqlDbType type, IReadOnlyList<TItem> items, Func<TItem, TElement> element)
    {
        TElement[] values = new TElement[items.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = element(items[i]);
        }

        return new NpgsqlParameter<TElement[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values };
    }

    /// <summary>An empty one, to be filled for each execution of a prepared statement.</summary>
    public static NpgsqlParameter<TElement[]> Slot<TElement>(NpgsqlDbType type) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = [] };
}
