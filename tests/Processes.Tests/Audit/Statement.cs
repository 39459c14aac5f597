using System.Text.Json;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>What a customer is shown over HTTP, held against the journal's rows.</summary>
public static class Statement
{
    /// <summary>What the statement says otherwise than the rows.</summary>
    /// <param name="account">The account.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="page">Asks for a page; the argument is its cursor, null for the first one.</param>
    public static async Task<List<string>> DifferencesAsync(string account, IEnumerable<Row> rows, Func<string?, Task<JsonElement>> page)
    {
        Dictionary<long, Row> expected = rows.Where(r => r.IsTransaction).ToDictionary(r => r.Seq);
        List<string> wrongs = [];
        string? cursor = null;
        do
        {
            JsonElement shown = await page(cursor);
            foreach (JsonElement entry in shown.GetProperty("transactions").EnumerateArray())
            {
                long seq = entry.GetProperty("entry").GetInt64();
                if (!expected.Remove(seq, out Row? row))
                {
                    wrongs.Add($"{account}: the statement shows entry {seq}, which is none");
                }
                else if (Money.FromUnits(entry.GetProperty("amount")) != row.SignedAmount || Money.FromUnits(entry.GetProperty("balance")) != row.Get(Row.Balance))
                {
                    wrongs.Add($"{account}: the statement shows {entry}, its row has {row.SignedAmount} and {row.Get(Row.Balance)}");
                }
            }

            cursor = shown.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        wrongs.AddRange(expected.Keys.Select(seq => $"{account}: the statement does not show entry {seq}"));
        return wrongs;
    }
}
