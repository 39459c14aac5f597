using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>The whole front end, or several, on real Kestrels and free ports, over engines on a journal in memory.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly List<WebApplication> servers = [];
    private readonly Topology topology;

    private TestHost(Topology topology, MemoryStore store, Pepper pepper)
    {
        this.topology = topology;
        this.Store = store;
        this.Pepper = pepper;
    }

    public HttpClient Client { get; private set; } = null!;

    public MemoryStore Store { get; }

    public Pepper Pepper { get; }

    public LogKeeper Log { get; } = new();

    public IGrains Grains => this.topology.FrontEnds[0].Grains;

    /// <summary>How many grains are in memory.</summary>
    public int Activations => this.topology.Engines.Sum(e => e.Activations);

    /// <summary>The first admin key, where this host made it.</summary>
    public string? AdminKey { get; private set; }

    /// <summary>Starts one host on an engine of its own.</summary>
    public static Task<TestHost> StartAsync(MemoryStore? store = null, Pepper? pepper = null, params string[] settings) =>
        StartAsync(Topology.OneHostAsync, store, pepper, settings);

    /// <summary>Starts the front ends of a topology; the client's requests go to one after the other.</summary>
    public static async Task<TestHost> StartAsync(StartTopology start, MemoryStore? store, Pepper? pepper, params string[] settings)
    {
        store ??= new MemoryStore(TimeProvider.System);
        pepper ??= new Pepper(RandomNumberGenerator.GetBytes(32));
        WebApplication first = Build(settings);
        BillingOptions options = BillingOptionsReader.Read(first.Configuration, out IReadOnlyList<string> mistakes);
        await first.DisposeAsync();
        Assert.Empty(mistakes);
        Topology made = await start(store, new PriceTable(PriceForm.Read("1", PriceForm.Write(options.Prices))));
        TestHost host = new(made, store, pepper);
        MemoryJournal reader = new(store, shared: true);
        foreach ((IGrains grains, ICluster cluster) in made.FrontEnds)
        {
            WebApplication app = Build(settings, host.Log);
            host.servers.Add(app);
            FrontendParts parts = new(grains, new KeyProofs(reader, grains, pepper.Fingerprint, TimeProvider.System), pepper, options, TimeProvider.System)
            {
                Cluster = cluster,
                Rows = (grain, max, _) => Task.FromResult<IReadOnlyList<JournalRow>>([.. store.ReadAll().Where(r => r.Grain == grain).Reverse().Take(max)]),
            };
            Frontend.Map(app, parts);
        }

        host.AdminKey = await new FirstStart(host.Grains, new KeyIssuer(host.Grains, pepper, new KeyHasher(1, 100))).EnsureAsync();
        foreach (WebApplication app in host.servers)
        {
            await app.StartAsync();
        }

        Uri[] addresses = [.. host.servers.Select(s => new Uri(s.Urls.Single()))];
        host.Client = new HttpClient(new Alternating(addresses)) { BaseAddress = addresses[0], Timeout = Answered.Patience };
        return host;
    }

    public Task<Answered> AdminAsync(HttpMethod method, string path, string? body = null, string? requestId = null) =>
        this.SendAsync(method, path, body, this.AdminKey, requestId);

    public Task<Answered> PostAsync(string path, string body, string? requestId = null) => this.AdminAsync(HttpMethod.Post, path, body, requestId);

    public Task<Answered> PutAsync(string path, string body) => this.AdminAsync(HttpMethod.Put, path, body);

    public Task<Answered> GetAsync(string path, string? key) => this.SendAsync(HttpMethod.Get, path, null, key);

    public Task<Answered> SendAsync(HttpMethod method, string path, string? body, string? key, string? requestId = null) =>
        Answered.SendAsync(this.Client, method, path, body, key, requestId);

    public Task<Answered> SendAsync(HttpRequestMessage request) => Answered.SendAsync(this.Client, request);

    /// <summary>Opens an account with some credit and a key, and returns the key.</summary>
    public async Task<string> OpenAsync(string account, string credit = "10.00", string more = "")
    {
        (await this.PostAsync("/admin/accounts", $$"""{"id":"{{account}}","currency":"USD"{{more}}}""")).Expect(HttpStatusCode.Created);
        if (credit != "0")
        {
            (await this.PostAsync($"/admin/accounts/{account}/credits", $$"""{"kind":"topup","amount":{{credit}}}""")).Expect(HttpStatusCode.Created);
        }

        return await this.MakeKeyAsync(account, "{}");
    }

    public async Task<string> MakeKeyAsync(string account, string body) =>
        (await this.PostAsync($"/admin/accounts/{account}/keys", body)).Expect(HttpStatusCode.Created).Member("key");

    public async ValueTask DisposeAsync()
    {
        this.Client.Dispose();
        foreach (WebApplication server in this.servers)
        {
            await server.DisposeAsync();
        }

        await this.topology.DisposeAsync();
    }

    private static WebApplication Build(string[] settings, LogKeeper? log = null)
    {
        WebApplicationBuilder builder = Frontend.CreateBuilder(["--urls=http://127.0.0.1:0", .. settings]);
        builder.Logging.ClearProviders().AddProvider(log ?? new LogKeeper()).SetMinimumLevel(LogLevel.Trace);
        return builder.Build();
    }
}
