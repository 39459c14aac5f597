using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.Testing;

namespace OrleansBilling.ApiHost.Tests.Startup;

/// <summary>The host as it is started, on a real PostgreSQL.</summary>
public sealed class PostgresTests(PostgresFixture postgres)
{
    private static readonly string Pepper = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_in_the_statement()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        string admin;
        string key;
        await using (PostgresHost first = await this.StartAsync(database))
        {
            admin = first.FirstAdminKey!;
            await first.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""", admin);
            await first.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":10.00,"reference":"inv-1"}""", admin);
            key = (await first.PostAsync("/admin/accounts/acme/keys", "{}", admin)).Member("key");
            Assert.Equal("true", (await first.PostAsync("/v1/verify", $$"""{"key":"{{key}}","model":"demo-large","inputTokens":6548,"outputTokens":108}""", admin))["allowed"]);
        }

        await using PostgresHost second = await this.StartAsync(database);
        Answered wallet = (await second.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        Answered page = (await second.GetAsync("/v1/transactions?limit=1", key)).Expect(HttpStatusCode.OK);
        Answered rest = (await second.GetAsync($"/v1/transactions?cursor={page.Member("nextCursor")}", key)).Expect(HttpStatusCode.OK);

        Assert.Null(second.FirstAdminKey);
        Assert.Equal("9.89692", wallet["balance"]);
        Assert.Equal("-0.10308", page["transactions.0.amount"]);
        Assert.Equal("\"charge\"", page["transactions.0.kind"]);
        Assert.Equal("9.89692", page["transactions.0.balance"]);
        Assert.Equal("10", rest["transactions.0.amount"]);
        Assert.Equal("\"inv-1\"", rest["transactions.0.reference"]);
        Assert.Equal("-", rest["nextCursor"]);
    }

    [Theory]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=-1", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    public async Task A_bad_page_is_refused(string query, string field)
    {
        await using PostgresHost host = await this.StartAsync(await postgres.Server.CreateDatabaseAsync());

        (await host.GetAsync("/v1/transactions?" + query, host.FirstAdminKey)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
    }

    [Fact]
    public async Task A_host_that_cannot_listen_leaves_the_first_admin_key_to_one_that_can()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        using Socket busy = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        busy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        busy.Listen();

        int ended = await Commands.RunAsync([$"--urls=http://{busy.LocalEndPoint}", "--Billing:ConnectionString=" + database, "--Billing:Pepper=" + Pepper]);

        Assert.Equal(1, ended);
        await using PostgresHost host = await this.StartAsync(database);
        Assert.NotNull(host.FirstAdminKey);
    }

    [Fact]
    public async Task A_host_with_another_pepper_refuses_to_start()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        await (await this.StartAsync(database)).DisposeAsync();

        StartException refused = await Assert.ThrowsAsync<StartException>(() => this.StartAsync(database, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));

        Assert.Contains("pepper", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pepper_that_is_lost_is_replaced_on_command_and_keys_go_on()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        string admin;
        await using (PostgresHost first = await this.StartAsync(database))
        {
            admin = first.FirstAdminKey!;
        }

        string other = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        string[] settings = ["--Billing:ConnectionString=" + database, "--Billing:Pepper=" + other];
        Assert.Equal(0, await Commands.RunAsync(["replace-pepper", .. settings]));
        Assert.Equal(0, await Commands.RunAsync(["replace-pepper", .. settings]));

        await using PostgresHost second = await this.StartAsync(database, other);
        Assert.Null(second.FirstAdminKey);
        (await second.GetAsync("/admin/accounts/system/keys", admin)).Expect(HttpStatusCode.OK);
        Assert.Equal(1, await PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.journal WHERE type = 'key_proof_renewed'"));
        await Assert.ThrowsAsync<StartException>(() => this.StartAsync(database));
    }

    [Fact]
    public async Task A_key_that_a_crash_left_without_proof_is_finished_from_the_journal()
    {
        await using PostgresHost host = await this.StartAsync(await postgres.Server.CreateDatabaseAsync());
        await host.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""", host.FirstAdminKey!);
        string keyId = ApiKey.NewKeyId("acme");
        string secret = ApiKey.NewSecret();
        byte[] tag = new byte[ApiHost.Keys.Pepper.TagBytes];
        host.Backend.Pepper.Tag("sk_", keyId, secret, tag);
        string key = ApiKey.Join("sk_", keyId, secret);
        Reply recorded = await host.Backend.Grains.AskAsync(
            GrainId.Account("acme"), new CreateKey { Key = keyId, Tag = Tags.Encode(tag), Pepper = host.Backend.Pepper.Fingerprint }, TestContext.Current.CancellationToken);
        Answered before = await host.GetAsync("/v1/wallet", key);

        long began = Stopwatch.GetTimestamp();
        KeyOutbox outbox = new(host.Backend.Issuer, host.Backend.Journal.Outbox, TimeProvider.System, NullLogger<KeyOutbox>.Instance);
        Answered after;
        do
        {
            // What is open anywhere on the server, another test's too, holds it up for a moment.
            await outbox.DrainAsync(TestContext.Current.CancellationToken);
            after = await host.GetAsync("/v1/wallet", key);
        }
        while (after.Status == HttpStatusCode.Unauthorized && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2));

        Assert.Equal(Outcome.Accepted, recorded.Outcome);
        before.ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
        after.Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_hold_is_captured_at_the_prices_it_was_placed_under_after_a_start_with_others()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        string admin;
        string[] holds;
        await using (PostgresHost first = await this.StartAsync(database))
        {
            admin = first.FirstAdminKey!;
            await first.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""", admin);
            await first.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":10.00}""", admin);
            holds = [await HoldAsync(first, """{"account":"acme","model":"demo-large","inputTokens":1000,"ttlSeconds":600}""", admin),
                await HoldAsync(first, """{"account":"acme","amount":1,"ttlSeconds":600}""", admin)];
        }

        await using PostgresHost second = await this.StartAsync(database, null, "--Billing:Prices:Models:demo-large:InputPer1K=7");
        Answered charged = (await second.PostAsync("/v1/charges", Thousand("acme"), admin)).Expect(HttpStatusCode.OK);
        Assert.Equal(("7", "2"), (charged["charged"], charged.Member("priceVersion")));
        foreach (string hold in holds)
        {
            Answered captured = (await second.PostAsync($"/v1/holds/acme/{hold}/capture", Thousand(), admin)).Expect(HttpStatusCode.OK);
            Assert.Equal(("0.015", "1"), (captured["charged"], captured.Member("priceVersion")));
        }
    }

    [Fact]
    public async Task A_hold_is_captured_by_a_host_that_was_started_before_its_prices()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        await using PostgresHost old = await this.StartAsync(database, null, "--Billing:Shared=true");
        string admin = old.FirstAdminKey!;
        await old.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""", admin);
        await old.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":10.00}""", admin);
        await using PostgresHost young = await this.StartAsync(database, null, "--Billing:Shared=true", "--Billing:Prices:Models:demo-large:InputPer1K=3");
        string hold = await HoldAsync(young, """{"account":"acme","amount":5,"ttlSeconds":600}""", admin);

        Answered captured = (await old.PostAsync($"/v1/holds/acme/{hold}/capture", Thousand(), admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(("3", "2"), (captured["charged"], captured.Member("priceVersion")));
        (await old.PostAsync("/v1/holds/acme/1/capture", Thousand(), admin)).ExpectProblem(HttpStatusCode.NotFound, "hold_not_found");
    }

    [Fact]
    public async Task The_proof_of_the_chains_sees_an_edit()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        await (await this.StartAsync(database)).DisposeAsync();
        string[] arguments = ["verify", "--Billing:ConnectionString=" + database];

        Assert.Equal(0, await Commands.RunAsync(arguments));
        await PostgresServer.ExecuteAsync(database, "UPDATE billing.journal SET actor = 'someone' WHERE seq = 1");
        Assert.Equal(1, await Commands.RunAsync(arguments));
    }

    [Fact]
    public async Task What_is_wrongly_asked_ends_with_2_and_what_cannot_be_done_with_1()
    {
        Assert.Equal(2, await Commands.RunAsync(["frobnicate"]));
        Assert.Equal(2, await Commands.RunAsync(["--Billing:Lanes=none"]));
        Assert.Equal(1, await Commands.RunAsync(["verify"]));
        Assert.Equal(1, await Commands.RunAsync(["--Billing:Pepper=" + Pepper]));
    }

    [Theory]
    [InlineData("--urls=nonsense", "nonsense")]
    [InlineData("--urls=http://192.0.2.1:0", "--urls=")]
    [InlineData("--Billing:ConnectionString=Hots=x", "Host=")]
    [InlineData("--Billing:ConnectionString=nonsense", "Host=")]
    [InlineData("--Billing:ConnectionString=Host=127.0.0.1;Port=1;Database=x;Username=y", "127.0.0.1:1")]
    [InlineData("--Billing:PepperFile=/proc/version", "openssl rand")]
    [InlineData("--Billing:DataFolder=/proc/none", "Billing:DataFolder")]
    public async Task What_keeps_a_host_from_starting_is_said_in_a_sentence(string setting, string said)
    {
        string[] usual = setting.Contains("Connection", StringComparison.Ordinal) ? ["--urls=http://127.0.0.1:0"]
            : ["--urls=http://127.0.0.1:0", "--Billing:ConnectionString=" + await postgres.Server.CreateDatabaseAsync()];
        string[] pepper = setting.Contains("Pepper", StringComparison.Ordinal) || setting.Contains("Data", StringComparison.Ordinal) ? [] : ["--Billing:Pepper=" + Pepper];
        await using StringWriter errors = new();

        Assert.Equal(1, await Commands.RunAsync([.. usual, .. pepper, setting], errors));

        string last = errors.ToString().TrimEnd();
        Assert.Contains(said, last, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', last);
    }

    private static string Thousand(string? account = null) =>
        $$"""{{{(account is null ? "" : $"\"account\":\"{account}\",")}}"model":"demo-large","inputTokens":1000}""";

    private static async Task<string> HoldAsync(PostgresHost host, string body, string admin) =>
        (await host.PostAsync("/v1/holds", body, admin)).Expect(HttpStatusCode.Created)["hold"];

    private Task<PostgresHost> StartAsync(string database, string? pepper = null, params string[] settings) =>
        PostgresHost.StartAsync(database, pepper ?? Pepper, settings);
}
