using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace OrleansBilling.Journal.Postgres;

/// <summary>A column of a table of sums.</summary>
/// <typeparam name="TRow">What a row is made of.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="update">What it becomes where the row is there already (<c>t</c> is what is there, <c>excluded</c> what comes); null for a part of the key.</param>
internal abstract class UsageColumn<TRow>(string name, string? update)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What it becomes where the row is there already; null for a part of the key.</summary>
    public string? Update => update;

    /// <summary>The type of its parameter's elements.</summary>
    /// <param name="isWide">Whether some number is greater than an Int64.</param>
    public abstract string Type(bool isWide);

    /// <summary>Takes the values of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>Whether one of them is a number greater than an Int64.</returns>
    public abstract bool Take(IReadOnlyList<TRow> rows);

    /// <summary>The values that were taken.</summary>
    /// <param name="isWide">Whether some number is greater than an Int64.</param>
    public abstract NpgsqlParameter Parameter(bool isWide);

    /// <summary>Lets go of them.</summary>
    public abstract void Clear();

    /// <summary>A list to be used again by the next step: what a large one needed is not kept for small ones.</summary>
    protected static List<TValue> Again<TValue>(List<TValue> values)
    {
        const int Kept = 16_384;
        if (values.Capacity > Kept && values.Count < values.Capacity / 4)
        {
            return [];
        }

        values.Clear();
        return values;
    }
}

/// <summary>A column of texts, times or flags.</summary>
/// <typeparam name="TRow">What a row is made of.</typeparam>
/// <typeparam name="TValue">What its values are.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="update">What it becomes where the row is there already; null for a part of the key.</param>
/// <param name="type">Its type.</param>
/// <param name="typeName">That type's name.</param>
/// <param name="value">A row's value.</param>
internal sealed class UsageColumn<TRow, TValue>(string name, string? update, NpgsqlDbType type, string typeName, Func<TRow, TValue> value) : UsageColumn<TRow>(name, update)
{
    private List<TValue> values = [];

    /// <inheritdoc/>
    public override string Type(bool isWide) => typeName;

    /// <inheritdoc/>
    public override bool Take(IReadOnlyList<TRow> rows)
    {
        this.values.EnsureCapacity(rows.Count);
        for (int i = 0; i < rows.Count; i++)
        {
            this.values.Add(value(rows[i]));
        }

        return false;
    }

    /// <inheritdoc/>
    public override NpgsqlParameter Parameter(bool isWide) => new NpgsqlParameter<List<TValue>> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = this.values };

    /// <inheritdoc/>
    public override void Clear() => this.values = Again(this.values);
}

/// <summary>
/// A column of numbers. They go as Int64, which costs both sides a fraction of what numeric does, unless one of the step's is greater;
/// zeros at the end are left out, and most columns have nothing else.
/// </summary>
/// <typeparam name="TRow">What a row is made of.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="update">What it becomes where the row is there already.</param>
/// <param name="value">A row's number.</param>
internal sealed class UsageNumber<TRow>(string name, string? update, Func<TRow, Int128> value) : UsageColumn<TRow>(name, update)
{
    private List<long> values = [];
    private List<decimal>? wide;

    /// <inheritdoc/>
    public override string Type(bool isWide) => isWide ? "numeric" : "bigint";

    /// <inheritdoc/>
    public override bool Take(IReadOnlyList<TRow> rows)
    {
        this.values.EnsureCapacity(rows.Count);
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            Int128 number = value(rows[i]);
            if (number < long.MinValue || number > long.MaxValue)
            {
                this.wide = [.. rows.Select(row => (decimal)value(row))];
                return true;
            }

            this.values.Add((long)number);
            count = number == 0 ? count : i + 1;
        }

        CollectionsMarshal.SetCount(this.values, count);
        return false;
    }

    /// <inheritdoc/>
    public override NpgsqlParameter Parameter(bool isWide) => isWide
        ? new NpgsqlParameter<List<decimal>> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Numeric, TypedValue = this.wide ?? this.values.ConvertAll(static v => (decimal)v) }
        : new NpgsqlParameter<List<long>> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint, TypedValue = this.values };

    /// <inheritdoc/>
    public override void Clear()
    {
        this.values = Again(this.values);
        this.wide = null;
    }
}
