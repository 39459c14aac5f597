using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Startup;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>The host as it is started, on a real PostgreSQL and a free port.</summary>
internal sealed class PostgresHost : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly HttpClient client;

    private PostgresHost(WebApplication app, Backend backend, string? firstAdminKey)
    {
        this.server = app;
        this.client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        this.Backend = backend;
        this.FirstAdminKey = firstAdminKey;
    }

    /// <summary>The first admin key, where this start made it.</summary>
    public string? FirstAdminKey { get; }

    public Backend Backend { get; }

    public static async Task<PostgresHost> StartAsync(string database, string pepper, params string[] settings)
    {
        WebApplicationBuilder builder = Frontend.CreateBuilder(
            ["--urls=http://127.0.0.1:0", "--Billing:ConnectionString=" + database, "--Billing:Pepper=" + pepper, .. settings]);
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        BillingOptions options = BillingOptionsReader.Read(app.Configuration, out IReadOnlyList<string> mistakes);
        Assert.Empty(mistakes);
        Backend backend = await Backend.StartAsync(options, app.Configuration, app.Services.GetRequiredService<ILoggerFactory>());
        string? admin = await backend.EnsureSystemAsync();
        Frontend.Map(app, backend.FrontendParts(options));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PostgresHost(app, backend, admin);
    }

    public Task<Answered> GetAsync(string path, string? key) => Answered.SendAsync(this.client, HttpMethod.Get, path, null, key);

    public Task<Answered> PostAsync(string path, string body, string key) => Answered.SendAsync(this.client, HttpMethod.Post, path, body, key);

    public Task<Answered> PutAsync(string path, string body, string key) => Answered.SendAsync(this.client, HttpMethod.Put, path, body, key);

    public Task<Answered> SendAsync(string method, string path, string? body, string? key) =>
        Answered.SendAsync(this.client, new HttpMethod(method), path, body, key);

    public Task<Answered> SendAsync(HttpRequestMessage request) => Answered.SendAsync(this.client, request);

    /// <summary>The ETag of what is at an address.</summary>
    public async Task<string> TagOfAsync(string path)
    {
        using HttpResponseMessage response = await this.client.GetAsync(path, TestContext.Current.CancellationToken);
        return response.Headers.ETag!.ToString();
    }

    /// <summary>Every route that is mapped, as method and address.</summary>
    public IEnumerable<string> Routes() =>
        from source in ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)this.server).DataSources
        from endpoint in source.Endpoints.OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()?.HttpMethods ?? []
        select $"{method} {endpoint.RoutePattern.RawText}";

    public async ValueTask DisposeAsync()
    {
        this.client.Dispose();
        await this.server.DisposeAsync();
        await this.Backend.DisposeAsync();
    }
}
