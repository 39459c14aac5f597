using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;
using static OrleansBilling.Journal.Postgres.Tests.Projections.UsageFixture;

namespace OrleansBilling.Journal.Postgres.Tests.Projections;

/// <summary>How often steps are taken, whoever asks for them.</summary>
/// <param name="server">A server that no other test's open transaction holds up.</param>
public sealed class UsagePaceTests(QuietServer server) : IClassFixture<QuietServer>
{
    private const int Many = 1_000;
    private const string Added = "SELECT COALESCE(sum(requests), 0)::bigint FROM billing.account_totals";

    private static readonly GrainId Account = GrainId.Account("busy");
    private static readonly Charged Charge = new() { AmountNanos = 1, BalanceNanos = 1, TotalSpentNanos = 1, Meter = "m", Quantity = 1 };

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_question_leaves_the_rest_after_a_long_step_to_those_who_charge(bool isQuestions)
    {
        HandMade time = new();
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync(time);
        await using PostgresJournal ended = journal;
        await AllAsync(journal);
        JournalRow[] rows = Rows(Account, [.. Enumerable.Repeat<Event>(Charge, Many + 1)]);
        await WriteAsync(writer, rows[..Many]);
        time.IsSlow = true;
        if (isQuestions)
        {
            await journal.UsageProjector.CatchUpAsync(TimeSpan.FromMinutes(1), Ct);
        }
        else
        {
            await journal.UsageProjector.ProjectAsync(yields: false, Ct);
        }

        time.IsSlow = false;
        long? before = journal.UsageProjector.AsOfNanos;
        await WriteAsync(writer, rows[Many..]);

        long? resting = await journal.UsageProjector.CatchUpAsync(Short, Ct);
        long added = await PostgresServer.ScalarAsync<long>(database, Added);
        time.Advance(TimeSpan.FromMinutes(1));
        long? rested = await journal.UsageProjector.CatchUpAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.Equal((before, Many), (resting, added));
        Assert.True(rested > resting);
        Assert.Equal(Many + 1, await PostgresServer.ScalarAsync<long>(database, Added));
    }

    [Fact]
    public async Task A_long_step_that_added_little_keeps_no_question_waiting()
    {
        HandMade time = new();
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync(time);
        await using PostgresJournal ended = journal;
        await AllAsync(journal);
        JournalRow[] rows = Rows(Account, Charge, Charge);
        await WriteAsync(writer, rows[0]);
        time.IsSlow = true;
        await journal.UsageProjector.ProjectAsync(yields: false, Ct);
        time.IsSlow = false;
        await WriteAsync(writer, rows[1]);

        await journal.UsageProjector.CatchUpAsync(Short, Ct);

        Assert.Equal(2, await PostgresServer.ScalarAsync<long>(database, Added));
    }

    [Fact]
    public async Task Questions_at_the_same_time_share_steps()
    {
        const int Questions = 100;
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await AllAsync(journal);
        await WriteAsync(writer, Rows(Account, Charge));
        using Steps steps = new(new NpgsqlConnectionStringBuilder(database).Database!);
        await using NpgsqlConnection holder = new(database);
        await holder.OpenAsync(Ct);
        await using NpgsqlTransaction held = await holder.BeginTransactionAsync(Ct);
        await using (NpgsqlCommand hold = new("LOCK TABLE billing.usage_cursor", holder, held))
        {
            await hold.ExecuteNonQueryAsync(Ct);
        }

        // All of them are asked while the first one's step is under way.
        Task<long?>[] questions = [.. Enumerable.Range(0, Questions).Select(_ => journal.UsageProjector.CatchUpAsync(TimeSpan.FromSeconds(30), Ct))];
        await held.CommitAsync(Ct);
        long?[] answers = await Task.WhenAll(questions);

        Assert.DoesNotContain(null, answers);
        Assert.Equal(1, await PostgresServer.ScalarAsync<long>(database, Added));

        // One for the first, one for all others; what else is open on the server may have kept some from being enough.
        Assert.InRange(steps.Count, 2, Questions / 4);
    }

    /// <summary>Time that goes on by hand, or, while it is slow, by a second whenever it is read. Timers run by the system's.</summary>
    private sealed class HandMade : TimeProvider
    {
        private long now = Stopwatch.Frequency;

        public bool IsSlow { get; set; }

        public override long GetTimestamp() => Interlocked.Add(ref this.now, this.IsSlow ? Stopwatch.Frequency : 0);

        public void Advance(TimeSpan by) => Interlocked.Add(ref this.now, (long)(by.TotalSeconds * Stopwatch.Frequency));
    }

    /// <summary>Counts the steps of a database: each begins by reading where the sums are.</summary>
    private sealed class Steps : IDisposable
    {
        private readonly ConcurrentQueue<string> begun = new();
        private readonly ActivityListener listener;

        public Steps(string database)
        {
            this.listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "Npgsql",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (activity.GetTagItem("db.namespace") as string == database
                        && activity.GetTagItem("db.query.text") is string sql
                        && sql.Contains("LEFT JOIN billing.usage_cursor", StringComparison.Ordinal))
                    {
                        this.begun.Enqueue(sql);
                    }
                },
            };
            ActivitySource.AddActivityListener(this.listener);
        }

        public int Count => this.begun.Count;

        public void Dispose() => this.listener.Dispose();
    }
}
