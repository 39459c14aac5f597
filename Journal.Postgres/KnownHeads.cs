using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Rows that this host has seen in the journal, the last one of each grain. Rows are never changed or deleted, so what was seen
/// once is true for ever: an append that follows a seen row leaves no gap and no fork, and needs no look at the table, as the
/// primary key refuses a number that is taken. Bounded; what is forgotten is read again.
/// </summary>
/// <param name="capacity">Grains to remember at least.</param>
internal sealed class KnownHeads(int capacity)
{
    private readonly Lock gate = new();
    private Dictionary<string, Head> young = new(StringComparer.Ordinal);
    private Dictionary<string, Head> old = new(StringComparer.Ordinal);

    /// <summary>Remembers the last row of each grain of a batch that is durable.</summary>
    public void Learn(IReadOnlyList<JournalRow> rows)
    {
        lock (this.gate)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                JournalRow row = rows[i];
                if (i + 1 == rows.Count || rows[i + 1].Grain != row.Grain)
                {
                    this.Put(row.Grain.Path, new Head(row.Seq, row.Hash));
                }
            }
        }
    }

    /// <summary>Remembers one row that was read.</summary>
    public void Learn(GrainId grain, Head head)
    {
        if (head.Seq > 0)
        {
            lock (this.gate)
            {
                this.Put(grain.Path, head);
            }
        }
    }

    /// <summary>The indexes of rows that start their grain's part of the batch and follow no row that was seen; null when there are none.</summary>
    public List<int>? FindUnproven(IReadOnlyList<JournalRow> rows)
    {
        List<int>? unproven = null;
        lock (this.gate)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                JournalRow row = rows[i];
                if ((i == 0 || rows[i - 1].Grain != row.Grain) && !this.Follows(row))
                {
                    (unproven ??= []).Add(i);
                }
            }
        }

        return unproven;
    }

    /// <summary>Forgets all: a server that was switched to a copy may have lost rows.</summary>
    public void Clear()
    {
        lock (this.gate)
        {
            this.young.Clear();
            this.old.Clear();
        }
    }

    private bool Follows(JournalRow row)
    {
        if (row.Seq == 1)
        {
            return RowRules.Follows(default, row);
        }

        string path = row.Grain.Path;
        return (this.young.TryGetValue(path, out Head head) || this.old.TryGetValue(path, out head)) && RowRules.Follows(head, row);
    }

    private void Put(string path, Head head)
    {
        if (this.young.Count >= capacity)
        {
            (this.young, this.old) = (this.old, this.young);
            this.young.Clear();
        }

        this.young[path] = head;
    }
}
