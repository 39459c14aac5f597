using System.Net;
using Microsoft.Extensions.Logging;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.ApiHost.Tests.Startup;

public sealed class FirstStartTests
{
    [Fact]
    public async Task The_first_start_makes_one_admin_key_that_works_and_later_ones_make_none()
    {
        MemoryStore store = new(TimeProvider.System);
        Pepper pepper = new(new byte[32]);
        string? first;
        await using (TestHost host = await TestHost.StartAsync(store, pepper))
        {
            first = host.AdminKey;
        }

        await using TestHost second = await TestHost.StartAsync(store, pepper);

        Assert.NotNull(first);
        Assert.Null(second.AdminKey);
        (await second.GetAsync("/admin/accounts/system", first)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_admin_key_can_be_made_on_the_command_line()
    {
        await using TestHost host = await TestHost.StartAsync();

        string key = await new FirstStart(host.Grains, new KeyIssuer(host.Grains, host.Pepper, new KeyHasher(1, 100))).MakeAdminKeyAsync();

        (await host.GetAsync("/admin/accounts/system", key)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_secret_is_logged_or_stored()
    {
        await using TestHost host = await TestHost.StartAsync();
        string key = await host.OpenAsync("acme");
        await host.PostAsync("/v1/verify", $$"""{"key":"{{key}}","amount":1}""");
        await host.PostAsync("/v1/verify", $$"""{"key":"{{key[..^1]}}x","amount":1}""");
        await host.PostAsync("/v1/verify", $$"""{"key":"{{key}}","amount":"nonsense"}""");
        await host.GetAsync("/v1/wallet", key);
        string stored = string.Concat(host.Store.ReadAll().Select(r => r.RequestId + r.Actor + System.Text.Encoding.UTF8.GetString(r.Data)));

        foreach (string secret in new[] { key, host.AdminKey! }.Select(k => k[(k.LastIndexOf('_') + 1)..][..ApiKey.SecretLength]))
        {
            Assert.NotEmpty(host.Log.Lines);
            Assert.DoesNotContain(host.Log.Lines, l => l.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_start_says_nothing_of_a_clock_that_was_never_wrong()
    {
        LogKeeper log = new();
        using ILoggerFactory logs = LoggerFactory.Create(l => l.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        await using Engine engine = new(
            new MemoryJournal(new MemoryStore(TimeProvider.System)), new EngineOptions(), GrainKinds.All, PriceTable.Empty, TimeProvider.System, logs.CreateLogger<Engine>());

        await engine.StartAsync();

        Assert.DoesNotContain(log.Lines, l => l.Contains("clock", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_key_that_was_made_and_never_shown_leaves_a_way_out()
    {
        string text = Banner.Text("http://127.0.0.1:8080", new BillingOptions { DataFolder = ".data/host" }, null);

        Assert.Contains("unless it was cut off", text, StringComparison.Ordinal);
        Assert.Contains("./dev run admin-key", text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_says_where_the_pepper_is_that_has_to_be_kept()
    {
        BillingOptions options = new() { DataFolder = ".data/host" };

        Assert.Contains($"pepper   {Path.GetFullPath(".data/host/pepper")} (keep a copy", Banner.Text("http://127.0.0.1:8080", options, null), StringComparison.Ordinal);
        Assert.Contains("pepper   /run/secrets/pepper (keep", Banner.Text("http://127.0.0.1:8080", options with { PepperFile = "/run/secrets/pepper" }, null), StringComparison.Ordinal);
        string configured = Banner.Text("http://127.0.0.1:8080", options with { Pepper = "c2VjcmV0" }, null);
        Assert.Contains("pepper   from the configuration", configured, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", configured, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_try_has_three_lines()
    {
        string text = Banner.FirstTry("http://127.0.0.1:8080", "sk_admin_x");

        Assert.Equal(3, text.Split('\n').Length);
        Assert.Contains("sk_admin_x", Banner.Text("http://127.0.0.1:8080", new BillingOptions { DataFolder = ".data/host" }, "sk_admin_x"), StringComparison.Ordinal);
        Assert.Contains("admin-key", Banner.Text("http://127.0.0.1:8080", new BillingOptions { DataFolder = ".data/host" }, null), StringComparison.Ordinal);
    }
}
