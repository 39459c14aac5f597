using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Npgsql;

namespace OrleansBilling.ApiHost.Tests.Telemetry;

/// <summary>Nothing secret is logged, at whatever level, whatever goes wrong (invariant 8).</summary>
public sealed partial class SecretLogTests(PostgresFixture postgres)
{
    private const string Body = "words-of-a-body";

    [Fact]
    public async Task No_key_pepper_hash_or_body_is_ever_logged()
    {
        string pepper = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        string database = await postgres.Server.CreateDatabaseAsync();
        await using PostgresHost host = await PostgresHost.StartAsync(
            database, pepper, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:OrleansBilling=Trace");
        string admin = host.FirstAdminKey!;
        (await host.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""", admin)).Expect(HttpStatusCode.Created);
        (await host.PostAsync("/admin/accounts/acme/credits", $$"""{"kind":"topup","amount":5,"reason":"{{Body}}"}""", admin)).Expect(HttpStatusCode.Created);
        string key = (await host.PostAsync("/admin/accounts/acme/keys", """{"scopes":["*"]}""", admin)).Member("key");
        string keyId = (await host.GetAsync("/v1/keys", key))["keys.0.keyId"].Trim('"');
        string rotated = (await host.PostAsync($"/v1/keys/{keyId}/rotate", "{}", key)).Expect(HttpStatusCode.Created).Member("key");
        string wrong = key[..^1] + (key[^1] == 'a' ? 'b' : 'a');
        foreach (string one in new[] { key, rotated, wrong, "sk_" + Body })
        {
            await host.PostAsync("/v1/verify", $$"""{"key":"{{one}}","amount":1,"reference":"{{Body}}"}""", admin);
            await host.PostAsync("/v1/charges", $$"""{"key":"{{one}}","amount":9999}""", admin);
            await host.GetAsync("/v1/wallet", one);
            await host.PostAsync("/v1/keys", $$"""{"name":"{{Body}}" """, one);
        }

        // The host fails where the database refuses what it needs.
        await using (NpgsqlConnection breaker = new(database))
        {
            await breaker.OpenAsync(TestContext.Current.CancellationToken);
            await using NpgsqlCommand rename = new("ALTER TABLE billing.journal RENAME TO gone", breaker);
            await rename.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Answered failed = await host.GetAsync("/v1/transactions", key);
        await host.GetAsync("/v1/wallet", wrong);
        string[] lines = [.. host.Log.Lines];

        Assert.True((int)failed.Status >= 500, failed.Text);
        Assert.True(lines.Length > 100, $"Only {lines.Length} lines were logged.");
        string[] secrets = [pepper, Body, .. new[] { admin, key, rotated, wrong }.Select(k => SecretOf().Match(k).Groups["secret"].Value)];
        Assert.All(secrets, s => Assert.True(s.Length >= Body.Length));
        foreach (string secret in secrets.Append("argon2id$v").Append("Password="))
        {
            Assert.DoesNotContain(lines, l => l.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [GeneratedRegex("_(?<secret>[0-9A-Za-z]{32})[0-9A-Za-z]{6}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretOf();
}
