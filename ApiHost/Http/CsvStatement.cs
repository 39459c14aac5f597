using System.Globalization;
using CsvHelper;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Http;

/// <summary>A whole statement as CSV (RFC 4180), newest first, written page by page; one that cannot be finished is cut off, never ended as if it were whole.</summary>
/// <param name="transactions">Reads statements.</param>
/// <param name="account">The account.</param>
/// <param name="filter">Which entries.</param>
/// <param name="first">The first page.</param>
/// <param name="limit">How many entries at most.</param>
internal sealed class CsvStatement(TransactionReader transactions, string account, TransactionFilter filter, TransactionPage first, int limit) : CsvDownload("transactions", account, Columns)
{
    private static readonly string[] Columns =
    [
        "entry", "at", "kind", "amount", "balance", "charge", "hold", "grant", "keyId", "workspace", "meter", "quantity", "reference", "reason", "requestId",
    ];

    // All nine places that there may be, and no more than there are.
    private const string AmountForm = "0.#########";

    /// <inheritdoc/>
    protected override async Task WriteRowsAsync(CsvWriter csv, HttpContext http)
    {
        int left = limit;
        for (TransactionPage page = first; ;)
        {
            foreach (AccountTransaction entry in page.Entries)
            {
                WriteEntry(csv, entry);
                await csv.EndRecordAsync(http.RequestAborted);
            }

            await csv.FlushAsync(http.RequestAborted);
            left -= page.Entries.Count;
            if (page.Next is not { } next || left == 0)
            {
                return;
            }

            page = await transactions.ReadAsync(this.Account, filter, next, Math.Min(left, TransactionReader.MaxLimit), http.RequestAborted);
        }
    }

    private static void WriteEntry(CsvWriter csv, AccountTransaction e)
    {
        csv.WriteField(e.Seq, default, CultureInfo.InvariantCulture);
        csv.WriteField(new Moment(e.AtNanos).ToString());
        csv.WriteField(e.Kind);
        csv.WriteField(InUnits(e.AmountNanos), AmountForm, CultureInfo.InvariantCulture);
        csv.WriteField(InUnits(e.BalanceNanos), AmountForm, CultureInfo.InvariantCulture);
        csv.WriteField(e.Charge);
        csv.WriteField(e.Hold);
        csv.WriteField(e.Grant);
        csv.WriteField(e.Key);
        csv.WriteField(e.Workspace);
        csv.WriteField(e.Meter);
        csv.WriteField(e.Meter is null ? null : (long?)e.Quantity);
        csv.WriteField(e.Reference);
        csv.WriteField(e.Reason);
        csv.WriteField(e.RequestId);
    }

    private static decimal InUnits(long nanos) => (decimal)nanos / Money.NanosPerUnit;
}
