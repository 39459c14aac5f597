namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>
/// Holds every request and reply that clients kept against the journal's rows: invariants 1 to 4, 6 and 7 of DESIGN.md. It looks
/// at rows and replies only; what the host thought does not matter.
/// </summary>
public sealed class Proof
{
    private static readonly HashSet<string> WithoutRequestId = new(StringComparer.Ordinal)
    {
        "hold_expired", "grant_expired", "low_balance_crossed",
    };

    private readonly List<string> wrongs = [];
    private readonly Dictionary<string, AccountStory> stories = new(StringComparer.Ordinal);

    /// <summary>Checks all.</summary>
    /// <param name="operations">Every operation of every client, with all answers.</param>
    /// <param name="rows">The journal of all accounts that they used, by grain and seq.</param>
    public Proof(IReadOnlyCollection<Operation> operations, IReadOnlyCollection<Row> rows)
    {
        ILookup<string, Operation> byAccount = operations.ToLookup(o => o.Account, StringComparer.Ordinal);
        foreach (IGrouping<string, Row> grain in rows.GroupBy(r => r.Grain, StringComparer.Ordinal))
        {
            string account = grain.Key["account/".Length..];
            AccountStory story = new(account, grain, this.wrongs);
            this.stories.Add(account, story);
            this.CheckAccount(story, [.. byAccount[account]], [.. grain]);
        }

        foreach (string account in byAccount.Select(g => g.Key).Where(a => !this.stories.ContainsKey(a)))
        {
            this.wrongs.Add($"{account}: has no rows at all");
        }
    }

    /// <summary>Everything that is wrong; empty when all is proven.</summary>
    public IReadOnlyList<string> Wrongs => this.wrongs;

    /// <summary>Each account, retold from its rows.</summary>
    public IReadOnlyDictionary<string, AccountStory> Stories => this.stories;

    private void CheckAccount(AccountStory story, Operation[] operations, Row[] rows)
    {
        Dictionary<string, Row> byId = new(StringComparer.Ordinal);
        foreach (Row row in rows)
        {
            if (row.RequestId is null)
            {
                if (!WithoutRequestId.Contains(row.Type))
                {
                    this.wrongs.Add($"{row.Grain}: row {row.Seq} ({row.Type}) answers no request");
                }
            }
            else if (!byId.TryAdd(row.RequestId, row))
            {
                this.wrongs.Add($"{row.Grain}: request {row.RequestId} has rows {byId[row.RequestId].Seq} and {row.Seq} (invariant 4)");
            }
        }

        HashSet<string> known = new(operations.Where(o => o.RequestId is not null).Select(o => o.RequestId!), StringComparer.Ordinal);
        foreach (Row row in rows.Where(r => r.RequestId is { } id && r.Type != "account_opened" && !known.Contains(id)))
        {
            this.wrongs.Add($"{row.Grain}: row {row.Seq} answers request {row.RequestId}, which nobody sent");
        }

        Timeline timeline = new(operations, byId, story.Last);
        foreach (Operation operation in operations)
        {
            foreach (string wrong in new OperationCheck(story, timeline, operation, byId).Run())
            {
                this.wrongs.Add($"{wrong}\n  {operation}");
            }
        }
    }
}
