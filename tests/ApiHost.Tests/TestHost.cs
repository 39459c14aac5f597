using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>The whole front end on a real Kestrel and a free port, over an engine on a journal in memory.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly Engine grains;

    private TestHost(WebApplication app, Engine engine, MemoryStore store, Pepper pepper, LogKeeper log)
    {
        this.server = app;
        this.grains = engine;
        this.Store = store;
        this.Pepper = pepper;
        this.Log = log;
        this.Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public MemoryStore Store { get; }

    public Pepper Pepper { get; }

    public LogKeeper Log { get; }

    public IGrains Grains => this.grains;

    /// <summary>How many grains are in memory.</summary>
    public int Activations => this.grains.Activations;

    /// <summary>The first admin key, where this host made it.</summary>
    public string? AdminKey { get; private set; }

    public static async Task<TestHost> StartAsync(MemoryStore? store = null, Pepper? pepper = null, params string[] settings)
    {
        store ??= new MemoryStore(TimeProvider.System);
        pepper ??= new Pepper(RandomNumberGenerator.GetBytes(32));
        LogKeeper log = new();
        WebApplicationBuilder builder = Frontend.CreateBuilder(["--urls=http://127.0.0.1:0", .. settings]);
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        WebApplication app = builder.Build();
        BillingOptions options = BillingOptionsReader.Read(app.Configuration, out IReadOnlyList<string> mistakes);
        Assert.Empty(mistakes);
        MemoryJournal journal = new(store);
        PriceTable prices = new(PriceForm.Read("1", PriceForm.Write(options.Prices)));
        Engine engine = new(journal, new EngineOptions(), GrainKinds.All, prices, TimeProvider.System, NullLogger<Engine>.Instance);
        await engine.StartAsync();
        Frontend.Map(app, new FrontendParts(engine, new KeyProofs(journal, engine, pepper.Fingerprint, TimeProvider.System), pepper, options, TimeProvider.System));
        string? adminKey = await new FirstStart(engine, new KeyIssuer(engine, pepper)).EnsureAsync();
        await app.StartAsync();
        return new TestHost(app, engine, store, pepper, log) { AdminKey = adminKey };
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
        await this.server.DisposeAsync();
        await this.grains.DisposeAsync();
    }
}
