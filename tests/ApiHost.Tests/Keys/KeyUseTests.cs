using System.Net;
using System.Security.Cryptography;

namespace OrleansBilling.ApiHost.Tests.Keys;

/// <summary>When keys were last used that only look, or only ask as services. On a real PostgreSQL.</summary>
public sealed class KeyUseTests(PostgresFixture postgres)
{
    private readonly string pepper = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task Looking_and_asking_are_uses_at_every_host_and_after_a_restart()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        string admin;
        string[] ids;
        string[] seen;
        await using (PostgresHost one = await PostgresHost.StartAsync(database, this.pepper, "--Billing:Shared=true"))
        await using (PostgresHost other = await PostgresHost.StartAsync(database, this.pepper, "--Billing:Shared=true"))
        {
            admin = one.FirstAdminKey!;
            (await one.PostAsync("/admin/accounts", """{"id":"acme","currency":"EUR"}""", admin)).Expect(HttpStatusCode.Created);
            Answered reader = await MakeKeyAsync(one, admin, "acme", "{}");
            Answered service = await MakeKeyAsync(one, admin, "system", """{"scopes":["service"]}""");
            Answered unused = await MakeKeyAsync(one, admin, "acme", "{}");
            Answered revoked = await MakeKeyAsync(one, admin, "acme", "{}");
            (await one.SendAsync("DELETE", "/admin/accounts/acme/keys/" + revoked.Member("keyId"), null, admin)).Expect(HttpStatusCode.OK);
            long rows = await RowsAsync(database);

            (await one.GetAsync("/v1/wallet", reader.Member("key"))).Expect(HttpStatusCode.OK);
            (await one.PostAsync("/v1/charges", """{"account":"acme","amount":1}""", service.Member("key"))).Expect(HttpStatusCode.PaymentRequired);
            (await one.GetAsync("/v1/wallet", revoked.Member("key"))).Expect(HttpStatusCode.Forbidden);
            (await one.GetAsync("/admin/accounts/acme", service.Member("key"))).Expect(HttpStatusCode.Forbidden);
            ids = ["acme/keys/" + reader.Member("keyId"), "system/keys/" + service.Member("keyId"), "acme/keys/" + unused.Member("keyId"), "acme/keys/" + revoked.Member("keyId")];
            seen = await LastUsesAsync(one, admin, ids);
            await one.Backend.Uses.WriteAsync(TestContext.Current.CancellationToken);

            Assert.EndsWith(":00Z", seen[0], StringComparison.Ordinal);
            Assert.EndsWith(":00Z", seen[1], StringComparison.Ordinal);
            Assert.Equal(["-", "-"], seen[2..]);
            Assert.Equal(seen, await LastUsesAsync(other, admin, ids));
            Assert.Equal(seen[0], (await other.GetAsync("/admin/accounts/acme", admin))["keys.0.lastUsedAt"].Trim('"'));
            Assert.Equal(rows, await RowsAsync(database));
        }

        await using PostgresHost next = await PostgresHost.StartAsync(database, this.pepper);
        Assert.Equal(seen, await LastUsesAsync(next, admin, ids));
    }

    [Fact]
    public async Task A_use_that_was_written_late_takes_nothing_back()
    {
        await using PostgresHost host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), this.pepper);
        Journal.Postgres.KeyUses uses = host.Backend.Journal.KeyUses;
        await uses.WriteAsync([new("acme", "b", 120_000_000_000), new("acme", "a", 60_000_000_000)], TestContext.Current.CancellationToken);
        await uses.WriteAsync([new("acme", "a", 180_000_000_000), new("acme", "b", 60_000_000_000), new("other", "c", 1_000)], TestContext.Current.CancellationToken);

        IReadOnlyDictionary<string, long> read = await uses.ReadAsync("acme", TestContext.Current.CancellationToken);

        Assert.Equal((2, 180_000_000_000, 120_000_000_000), (read.Count, read["a"], read["b"]));
    }

    private static async Task<Answered> MakeKeyAsync(PostgresHost host, string admin, string account, string body) =>
        (await host.PostAsync($"/admin/accounts/{account}/keys", body, admin)).Expect(HttpStatusCode.Created);

    private static Task<long> RowsAsync(string database) => Testing.PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.journal");

    private static async Task<string[]> LastUsesAsync(PostgresHost host, string admin, string[] keys)
    {
        List<string> uses = [];
        foreach (string key in keys)
        {
            uses.Add((await host.GetAsync("/admin/accounts/" + key, admin)).Expect(HttpStatusCode.OK).Member("lastUsedAt"));
        }

        return [.. uses];
    }
}
