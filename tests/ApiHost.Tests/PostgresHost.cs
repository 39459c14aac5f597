using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Startup;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>The host as it is started, on a real PostgreSQL and a free port.</summary>
internal sealed class PostgresHost : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly HttpClient client;

    private PostgresHost(WebApplication app, Backend backend, string? firstAdminKey, LogKeeper log)
    {
        this.server = app;
        this.Address = new Uri(app.Urls.Single());
        this.client = new HttpClient { BaseAddress = this.Address, Timeout = Answered.Patience };
        this.Backend = backend;
        this.Log = log;
        this.FirstAdminKey = firstAdminKey;
    }

    /// <summary>The first admin key, where this start made it.</summary>
    public string? FirstAdminKey { get; }

    public Backend Backend { get; }

    /// <summary>All that it logged.</summary>
    public LogKeeper Log { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Every route that is mapped, with the scope that it states.</summary>
    public IEnumerable<(string Method, string Pattern, string? Scope)> Routes =>
        from route in ((IEndpointRouteBuilder)this.server).DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>()
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]
        select (method, "/" + route.RoutePattern.RawText!.TrimStart('/'), route.Metadata.GetMetadata<NeededScope>()?.Scope);

    public static async Task<PostgresHost> StartAsync(string database, string pepper, params string[] settings)
    {
        WebApplicationBuilder builder = Frontend.CreateBuilder(
            ["--urls=http://127.0.0.1:0", "--Billing:ConnectionString=" + database, "--Billing:Pepper=" + pepper, .. settings]);
        LogKeeper log = new();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        WebApplication app = builder.Build();
        BillingOptions options = BillingOptionsReader.Read(app.Configuration, out IReadOnlyList<string> mistakes);
        Assert.Empty(mistakes);
        Backend backend = await Backend.StartAsync(options, app.Configuration, app.Services.GetRequiredService<ILoggerFactory>());
        string? admin = await backend.EnsureSystemAsync();
        Frontend.Map(app, backend.FrontendParts(options));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PostgresHost(app, backend, admin, log);
    }

    public Task<Answered> GetAsync(string path, string? key) => Answered.SendAsync(this.client, HttpMethod.Get, path, null, key);

    public Task<Answered> PostAsync(string path, string body, string key) => Answered.SendAsync(this.client, HttpMethod.Post, path, body, key);

    public Task<Answered> PutAsync(string path, string body, string key) => Answered.SendAsync(this.client, HttpMethod.Put, path, body, key);

    public Task<Answered> SendAsync(string method, string path, string? body, string? key) =>
        Answered.SendAsync(this.client, new HttpMethod(method), path, body, key);

    public Task<Answered> SendAsync(HttpRequestMessage request) => Answered.SendAsync(this.client, request);

    /// <summary>The ETag of what is at an address.</summary>
    public async Task<string> TagOfAsync(string path, string? key = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        using HttpResponseMessage response = await this.client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.Headers.ETag!.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        this.client.Dispose();
        await this.server.DisposeAsync();
        await this.Backend.DisposeAsync();
    }
}
