using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;
using OrleansBilling.Json;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Days and months of use are those of the account's zone, also where they have 23 or 25 hours or do not begin on an hour of UTC.</summary>
public sealed class UsageDaysTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>
{
    [Theory]
    [InlineData("Europe/Berlin", "day", "2025-10-25", "2025-10-28", "2025-10-25T21:59:59Z 2025-10-25T22:00:00Z 2025-10-26T22:59:59Z 2025-10-26T23:00:00Z",
        "2025-10-24T22:00:00Z 1,2025-10-25T22:00:00Z 2,2025-10-26T23:00:00Z 1")]
    [InlineData("Europe/Berlin", "day", "2026-03-28", "2026-03-31", "2026-03-28T22:59:59Z 2026-03-28T23:00:00Z 2026-03-29T21:59:59Z 2026-03-29T22:00:00Z",
        "2026-03-27T23:00:00Z 1,2026-03-28T23:00:00Z 2,2026-03-29T22:00:00Z 1")]
    [InlineData("America/New_York", "day", "2025-11-02", "2025-11-04", "2025-11-02T03:59:59Z 2025-11-02T04:00:00Z 2025-11-03T04:59:59Z 2025-11-03T05:00:00Z",
        "2025-11-01T04:00:00Z 1,2025-11-02T04:00:00Z 2,2025-11-03T05:00:00Z 1")]
    [InlineData("Asia/Kolkata", "day", "2026-01-01", "2026-01-03", "2026-01-01T18:29:59Z 2026-01-01T18:30:00Z 2026-01-02T18:29:59Z",
        "2025-12-31T18:30:00Z 1,2026-01-01T18:30:00Z 2")]
    [InlineData("Asia/Kathmandu", "day", "2026-01-01", "2026-01-03", "2026-01-01T18:14:59Z 2026-01-01T18:15:00Z",
        "2025-12-31T18:15:00Z 1,2026-01-01T18:15:00Z 1")]
    [InlineData("Australia/Lord_Howe", "day", "2026-04-03", "2026-04-06", "2026-04-03T12:59:59Z 2026-04-03T13:00:00Z 2026-04-04T12:59:59Z 2026-04-04T13:00:00Z 2026-04-05T13:29:59Z",
        "2026-04-02T13:00:00Z 1,2026-04-03T13:00:00Z 2,2026-04-04T13:00:00Z 2")]
    [InlineData("Europe/Berlin", "month", "2026-01-31", "2026-03-01", "2026-01-14T22:59:59Z 2026-01-14T23:00:00Z 2026-02-14T22:59:59Z 2026-02-14T23:00:00Z 2026-03-14T22:59:59Z",
        "2026-01-14T23:00:00Z 2,2026-02-14T23:00:00Z 2")]
    [InlineData("Asia/Kolkata", "hour", "2026-01-01T18:00:00Z", "2026-01-01T20:00:00Z", "2026-01-01T18:29:59Z 2026-01-01T18:45:00Z 2026-01-01T19:00:00Z",
        "2026-01-01T18:00:00Z 2,2026-01-01T19:00:00Z 1")]
    public async Task A_charge_counts_in_the_period_of_its_zone(string zone, string interval, string from, string until, string charges, string expected)
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        await WriteAsync(database, zone, charges.Split(' '));
        await using PostgresHost host = await PostgresHost.StartAsync(database, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        Answered answer;
        do
        {
            answer = (await host.GetAsync($"/admin/accounts/acme/usage/analytics?interval={interval}&from={from}&until={until}", host.FirstAdminKey)).Expect(HttpStatusCode.OK);
        }
        while (answer.Member("asOf") == "-");

        Assert.Equal(expected, string.Join(',', answer.Json.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("from").GetString()} {i.GetProperty("requests")}")));
    }

    // As a host would have written it at those times.
    private static async Task WriteAsync(string database, string zone, string[] charges)
    {
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(
            new PostgresJournalOptions { ConnectionString = database, HostName = "past" }, TimeProvider.System, NullLogger<PostgresJournal>.Instance, TestContext.Current.CancellationToken);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, TestContext.Current.CancellationToken);
        List<JournalRow> rows = [];
        Add(new AccountOpened("EUR", zone, 15, 1000 * Money.NanosPerUnit, "default", []), charges[0]);
        for (int i = 1; i <= charges.Length; i++)
        {
            long spent = i * Money.NanosPerUnit;
            Add(new Charged { AmountNanos = Money.NanosPerUnit, BalanceNanos = -spent, TotalSpentNanos = spent, Meter = "api_request", Quantity = 1 }, charges[i - 1]);
        }

        Assert.IsType<AppendResult.Committed>(await writer.AppendAsync(rows, TestContext.Current.CancellationToken));

        void Add(Event e, string at)
        {
            ArrayBufferWriter<byte> data = new();
            EventJson.Write(e, data);
            DateTime moment = DateTime.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
            Head head = rows is [.., JournalRow last] ? new Head(last.Seq, last.Hash) : default;
            JournalRow row = new(GrainId.Account("acme"), head.Seq + 1, (moment - DateTime.UnixEpoch).Ticks * 100, EventJson.TypeName(e), "past", null, null, data.WrittenSpan.ToArray());
            row.Hash = ChainHash.Next(head.Hash, row);
            rows.Add(row);
        }
    }
}
