using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Heads;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.Testing;

namespace OrleansBilling.ApiHost.Tests.Heads;

/// <summary>What hosts export when they stop, and what a proof then sees. What is open anywhere on a server makes heads come again, so it is their own.</summary>
public sealed class HeadsTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ob-heads-").FullName;
    private readonly LogKeeper log = new();

    private string Heads => Path.Combine(this.folder, "heads");

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Fact]
    public async Task A_journal_as_it_was_written_agrees_with_its_heads()
    {
        BillingOptions options = await this.WriteAsync(3);
        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(0, code);
        Assert.Contains("every chain is whole", said, StringComparison.Ordinal);
        Assert.Contains("The newest heads are of 20", said, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(this.Heads).Length);
        Assert.Contains(File.ReadLines(this.FileOf(2)), l => l.EndsWith(" account/acme-2", StringComparison.Ordinal));
        Assert.DoesNotContain(File.ReadLines(this.FileOf(3)), l => l.EndsWith(" account/acme-2", StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            foreach (string file in Directory.GetFiles(this.Heads))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Theory]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/acme-2' AND seq = 2; DELETE FROM billing.snapshots", "account/acme-2, row 2")]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/acme-2'; DELETE FROM billing.snapshots", "account/acme-2, row 2")]
    [InlineData("UPDATE billing.journal SET actor = 'someone' WHERE grain = 'account/acme-2' AND seq = 1", "account/acme-2, row 1")]
    public async Task What_was_done_to_the_rows_is_named(string change, string grain)
    {
        BillingOptions options = await this.WriteAsync(3);
        await PostgresServer.ExecuteAsync(options.ConnectionString!, change);

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(1, code);
        Assert.Contains(grain, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_was_written_anew_with_good_chains_is_found()
    {
        BillingOptions options = await this.WriteAsync(2);
        await PostgresServer.ExecuteAsync(options.ConnectionString!, "DELETE FROM billing.journal; DELETE FROM billing.snapshots");
        Directory.Move(this.Heads, this.Heads + "-kept");
        await this.RunAsync(options, 1, 2);
        Directory.Delete(this.Heads, recursive: true);
        Directory.Move(this.Heads + "-kept", this.Heads);

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(1, code);
        Assert.Contains("account/acme-1, row 2: Row 2 is not the row that a signed head knows", said, StringComparison.Ordinal);
        Assert.Contains("account/acme-2, row 2: Row 2 is not the row that a signed head knows", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_line_is_found_and_the_file_not_believed()
    {
        BillingOptions options = await this.WriteAsync(3);
        await File.WriteAllTextAsync(
            this.FileOf(2), (await File.ReadAllTextAsync(this.FileOf(2), Ct)).Replace("\n2 ", "\n1 ", StringComparison.Ordinal), Ct);

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(1, code);
        Assert.Contains("heads-00000002.txt is not believed, it was forged or damaged", said, StringComparison.Ordinal);
        Assert.Contains("0 broken, 1 files not believed or missing", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "number 1 to 1")]
    [InlineData(2, "number 2 to 2")]
    public async Task A_file_missing_in_between_is_found(int number, string says)
    {
        BillingOptions options = await this.WriteAsync(3);
        File.Delete(this.FileOf(number));

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(1, code);
        Assert.Contains($"files of heads are missing, {says}", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_changed_places_are_found()
    {
        BillingOptions options = await this.WriteAsync(3);
        File.Copy(this.FileOf(1), this.FileOf(2), overwrite: true);

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(1, code);
        Assert.Contains("heads-00000002.txt is not believed", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_series_is_found()
    {
        BillingOptions options = await this.WriteAsync(2);
        Directory.Move(this.Heads, this.Heads + "-first");
        await this.RunAsync(options, 3, 4);
        File.Copy(this.FileOf(2), Path.Combine(this.Heads + "-first", Path.GetFileName(this.FileOf(2))), overwrite: true);

        (int code, string said) = await VerifyAsync(options with { HeadsFolder = this.Heads + "-first" });

        Assert.Equal(1, code);
        Assert.Contains("heads-00000002.txt is not believed, it is of another series", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hmac-sha256 ")]
    [InlineData("{}\n")]
    public async Task A_file_cut_short_is_found(string text)
    {
        BillingOptions options = await this.WriteAsync(1);
        await File.WriteAllTextAsync(this.FileOf(1), text, Ct);

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(1, code);
        Assert.Contains("forged or damaged", said, StringComparison.Ordinal);
        Assert.Contains("None of the exported heads can be believed", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_pepper_is_told_from_a_forgery()
    {
        BillingOptions options = await this.WriteAsync(1);

        (int code, string said) = await VerifyAsync(options with { Pepper = NewPepper() });

        Assert.Equal(1, code);
        Assert.Contains("it was signed with the pepper", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_pepper_heads_are_not_proven_and_none_is_made()
    {
        BillingOptions options = await this.WriteAsync(1);

        StartException refused = await Assert.ThrowsAsync<StartException>(() => VerifyAsync(options with { Pepper = null }));

        Assert.Contains("pepper", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(this.folder, "pepper")));
    }

    [Fact]
    public async Task Without_heads_it_says_what_cannot_be_seen()
    {
        BillingOptions options = await this.WriteAsync(1) with { Pepper = null, HeadsFolder = Path.Combine(this.folder, "none") };

        (int code, string said) = await VerifyAsync(options);

        Assert.Equal(0, code);
        Assert.Contains("rows cut off a chain's end cannot be seen", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restore_the_old_heads_still_apply_and_the_series_goes_on_with_all()
    {
        BillingOptions options = await this.WriteAsync(2);
        await PostgresServer.ExecuteAsync(options.ConnectionString!, "UPDATE billing.settings SET cluster = 'elsewhere'");
        await this.RunAsync(options, 3);

        Assert.Equal(0, (await VerifyAsync(options)).Code);
        Assert.Contains(File.ReadLines(this.FileOf(3)), l => l.EndsWith(" account/acme-1", StringComparison.Ordinal));
        await PostgresServer.ExecuteAsync(options.ConnectionString!, "DELETE FROM billing.journal WHERE grain = 'account/acme-2' AND seq = 2");
        File.Delete(this.FileOf(3));
        Assert.Contains("account/acme-2, row 2", (await VerifyAsync(options)).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_added_to_a_series_whose_last_file_was_forged()
    {
        BillingOptions options = await this.WriteAsync(1);
        await File.AppendAllTextAsync(this.FileOf(1), " ", Ct);
        await this.RunAsync(options, 2);

        Assert.Single(Directory.GetFiles(this.Heads));
        Assert.Contains(this.log.Lines, l => l.Contains("Warning The heads of the journal's chains were not exported", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_changes_nothing_or_exports_nothing_writes_no_file()
    {
        BillingOptions options = await this.WriteAsync(1);
        await this.RunAsync(options);
        await this.RunAsync(options with { HeadsInterval = TimeSpan.Zero }, 2);

        Assert.Single(Directory.GetFiles(this.Heads));
    }

    [Fact]
    public async Task Heads_are_exported_whenever_the_interval_has_passed()
    {
        BillingOptions options = await this.WriteAsync(1);
        Directory.Delete(this.Heads, recursive: true);
        await using Backend backend = await this.StartAsync(options);
        SteppedInterval time = new(TimeSpan.FromMinutes(7));
        using CancellationTokenSource end = new();
        HeadsExport export = new(
            backend.Journal.Heads, new HeadsFolder(this.Heads, backend.Pepper), time.Interval, time, this.Logs().CreateLogger<HeadsExport>());
        Task running = export.RunAsync(end.Token);

        await PassAsync();
        Assert.Equal(this.FileOf(1), Assert.Single(Directory.GetFiles(this.Heads)));
        await ChangeAsync(backend, 2);

        // Whatever goes wrong is told, and the next time it is exported all the same.
        time.Fault = new InvalidOperationException("Nobody foresaw this.");
        await PassAsync();
        Assert.Single(Directory.GetFiles(this.Heads));
        await PassAsync();
        Assert.Equal([this.FileOf(1), this.FileOf(2)], Directory.GetFiles(this.Heads).Order(StringComparer.Ordinal), StringComparer.Ordinal);

        await end.CancelAsync();
        await running;

        async Task PassAsync()
        {
            Task passed = time.PassAsync();
            Assert.True(await Task.WhenAny(passed, running) == passed, "The loop has ended.");
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string NewPepper() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static async Task<(int Code, string Said)> VerifyAsync(BillingOptions options)
    {
        StringBuilder said = new();
        await using StringWriter writer = new(said);
        return (await VerifyCommand.RunAsync(options, writer, writer), said.ToString());
    }

    private static async Task ChangeAsync(Backend backend, int account)
    {
        GrainId grain = GrainId.Account($"acme-{account}");
        Assert.Equal(Outcome.Accepted, (await backend.Grains.AskAsync(grain, new OpenAccount { Currency = "USD", Zone = "UTC" }, Ct)).Outcome);
        Assert.Equal(Outcome.Accepted, (await backend.Grains.AskAsync(grain, new PostCredit { AmountNanos = 10, Kind = CreditKind.Topup }, Ct)).Outcome);
    }

    private ILoggerFactory Logs() => LoggerFactory.Create(b => b.AddProvider(this.log));

    private string FileOf(int number) => Path.Combine(this.Heads, $"heads-0000000{number}.txt");

    // One run of a host per account, so that each stop exports one file.
    private async Task<BillingOptions> WriteAsync(int accounts)
    {
        BillingOptions options = new()
        {
            ConnectionString = await postgres.Server.CreateDatabaseAsync(),
            Pepper = NewPepper(),
            DataFolder = this.folder,
            HeadsFolder = this.Heads,
        };
        for (int account = 1; account <= accounts; account++)
        {
            await this.RunAsync(options, account);
        }

        return options;
    }

    private async Task RunAsync(BillingOptions options, params int[] accounts)
    {
        foreach (int account in accounts.DefaultIfEmpty())
        {
            await using Backend backend = await this.StartAsync(options);
            backend.StartHeads(options, this.Logs().CreateLogger<HeadsExport>());
            if (account > 0)
            {
                await ChangeAsync(backend, account);
            }
        }
    }

    private Task<Backend> StartAsync(BillingOptions options) => Backend.StartAsync(options, new ConfigurationManager(), this.Logs());
}
