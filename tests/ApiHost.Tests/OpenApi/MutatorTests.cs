using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace OrleansBilling.ApiHost.Tests.OpenApi;

/// <summary>Ten thousand wrong requests: each is refused with a 4xx that names what was wrong, and none changes anything.</summary>
public sealed class MutatorTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Requests = 10_000;
    private const int Seed = 20261121;

    // What is asked of the machines is on record, whatever comes of it.
    private const string OnRecord = "no_cluster";

    // Answered before the body is looked at: nobody but a cluster can do it.
    private static readonly Dictionary<string, string> Path = new(StringComparer.Ordinal)
    {
        ["account"] = "other",
        ["workspace"] = "lab",
        ["requestId"] = "order-1",
        ["kind"] = "account",
        ["key"] = "other",
        ["charge"] = "1",
        ["hold"] = "1",
        ["name"] = "silo-1",
    };

    private PostgresHost host = null!;
    private NpgsqlConnection database = null!;
    private JsonNode document = null!;
    private string customer = null!;

    public async ValueTask InitializeAsync()
    {
        string connection = await postgres.Server.CreateDatabaseAsync();
        this.host = await PostgresHost.StartAsync(connection, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.database = new NpgsqlConnection(connection);
        await this.database.OpenAsync();
        this.document = JsonNode.Parse((await this.host.GetAsync("/openapi.json", null)).Expect(HttpStatusCode.OK).Text)!;
        foreach (string account in new[] { "acme", "other" })
        {
            (await this.PostAsync("/admin/accounts", $$"""{"id":"{{account}}","currency":"USD"}""")).Expect(HttpStatusCode.Created);
            (await this.PostAsync($"/admin/accounts/{account}/credits", """{"kind":"topup","amount":1000}""")).Expect(HttpStatusCode.Created);
        }

        this.customer = (await this.PostAsync("/admin/accounts/acme/keys", """{"scopes":["*"]}""")).Member("key");
    }

    public async ValueTask DisposeAsync()
    {
        await this.database.DisposeAsync();
        await this.host.DisposeAsync();
    }

    [Fact]
    public async Task No_wrong_request_is_accepted_fails_the_host_or_changes_anything()
    {
        Mutator mutator = new(Seed);
        (string Method, string Path, JsonNode Operation)[] routes = [.. this.Routes()];
        List<string> wrong = [];
        long rows = await this.RowsAsync();
        for (int i = 0; i < Requests && wrong.Count < 20; i++)
        {
            (string method, string path, JsonNode operation) = routes[i % routes.Length];
            JsonNode[] query = Query(operation);
            bool hasBody = operation["requestBody"] is not null;
            Mutation mutation = mutator.OfPath(path, hasBody || query.Length > 0) ?? (hasBody ? mutator.OfBody(operation) : mutator.OfQuery(query));
            Answered answer = await this.SendAsync(method, path, mutation);
            string told = string.Create(CultureInfo.InvariantCulture, $"#{i} {method} {path}, {mutation.What}: {(int)answer.Status} {answer.Text}");
            long now = await this.RowsAsync();
            if ((int)answer.Status >= 500
                || (mutation.IsWrong && (int)answer.Status is < 400 or >= 500)
                || ((int)answer.Status >= 400 && now != rows && answer.Code != OnRecord)
                || (mutation.IsWrong && mutation.Field is { } field && answer.Field != field && !answer.Field.StartsWith(field + ".", StringComparison.Ordinal)
                    && !answer.Field.StartsWith(field + "[", StringComparison.Ordinal)))
            {
                wrong.Add(told);
            }

            rows = now;
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private IEnumerable<(string Method, string Path, JsonNode Operation)> Routes() =>
        from path in this.document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Value!["requestBody"] is not null || Query(operation.Value).Length > 0 || path.Key.Contains('{', StringComparison.Ordinal)
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!);

    private static JsonNode[] Query(JsonNode operation) =>
        [.. (operation["parameters"]?.AsArray() ?? []).Where(p => p!["in"]!.GetValue<string>() == "query").Select(p => p!)];

    private Task<Answered> SendAsync(string method, string path, Mutation mutation)
    {
        string key = path.StartsWith("/v1/", StringComparison.Ordinal) && !IsService(path) ? this.customer : this.host.FirstAdminKey!;
        string filled = string.Join('/', path.Split('/').Select(p => p == mutation.PathPart ? mutation.PathValue : p.StartsWith('{') ? Path.GetValueOrDefault(p[1..^1], "3kTq") : p));
        HttpRequestMessage request = new(new HttpMethod(method), filled + mutation.Query);
        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        if (mutation.RequestId is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", mutation.RequestId);
        }

        if (mutation.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(mutation.Body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mutation.ContentType);
        }

        return this.host.SendAsync(request);
    }

    private static bool IsService(string path) =>
        path.StartsWith("/v1/verify", StringComparison.Ordinal) || path.StartsWith("/v1/charges", StringComparison.Ordinal) || path.StartsWith("/v1/holds", StringComparison.Ordinal);

    private Task<Answered> PostAsync(string path, string body) => this.host.PostAsync(path, body, this.host.FirstAdminKey!);

    private async Task<long> RowsAsync()
    {
        await using NpgsqlCommand count = new("SELECT count(*) FROM billing.journal", this.database);
        return (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
