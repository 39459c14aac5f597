using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What can be said of rows without asking the database.</summary>
internal static class RowRules
{
    /// <summary>Whether <paramref name="row"/> comes right after <paramref name="head"/>, by number and hash.</summary>
    public static bool Follows(in Head head, JournalRow row) =>
        row.Seq == head.Seq + 1
        && (row.Previous == default ? ChainHash.Next(head.Hash, row) == row.Hash : row.Previous == head.Hash);

    /// <summary>Grains of which a row in the batch does not follow the one before it; null when there are none.</summary>
    public static HashSet<GrainId>? FindBreaks(IReadOnlyList<JournalRow> rows)
    {
        HashSet<GrainId>? breaks = null;
        for (int i = 1; i < rows.Count; i++)
        {
            JournalRow before = rows[i - 1];
            if (rows[i].Grain == before.Grain && !Follows(new Head(before.Seq, before.Hash), rows[i]))
            {
                (breaks ??= []).Add(rows[i].Grain);
            }
        }

        return breaks;
    }

    /// <summary>Why a row cannot be kept as it is, or null: the column for times keeps whole microseconds.</summary>
    public static string? FindBroken(IReadOnlyList<JournalRow> rows)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i].AtNanos % 1000 != 0)
            {
                return $"Row {rows[i].Seq} of {rows[i].Grain} has a time of {rows[i].AtNanos} ns; the journal keeps whole microseconds.";
            }
        }

        return null;
    }
}
