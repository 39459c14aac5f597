using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansBilling.ApiHost.Tests.OpenApi;

/// <summary>The API's document says what the host does: every route, every member, every parameter.</summary>
public sealed class DocumentTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresHost host = null!;
    private JsonNode document = null!;

    public async ValueTask InitializeAsync()
    {
        this.host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.document = JsonNode.Parse((await this.host.GetAsync("/openapi.json", null)).Expect(HttpStatusCode.OK).Text)!;
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Fact]
    public void It_is_the_one_that_is_checked_in()
    {
        string text = this.document.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Snapshot.Check("docs/openapi.json", text + "\n");
    }

    [Fact]
    public void It_is_OpenAPI_3_1_and_every_reference_leads_somewhere()
    {
        Assert.StartsWith("3.1.", this.document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.All(References(this.document), r => Assert.NotNull(At(this.document, r)));
    }

    [Fact]
    public void It_has_every_route_with_its_scope_and_no_other()
    {
        string[] told = [.. this.Operations().Select(o => $"{o.Method} {o.Path} {Scope(o.Operation)}").Order(StringComparer.Ordinal)];
        string[] mapped = [.. this.host.Routes.Where(r => r.Pattern != "/openapi.json").Select(r => $"{r.Method} {r.Pattern.Replace("**", "", StringComparison.Ordinal)} {r.Scope}").Order(StringComparer.Ordinal)];

        Assert.Equal(mapped, told);
    }

    [Fact]
    public void Every_operation_has_an_id_of_its_own_and_every_member_is_described()
    {
        JsonNode[] operations = [.. this.Operations().Select(o => o.Operation)];
        List<string> silent = [];
        foreach ((string name, JsonNode? schema) in this.document["components"]!["schemas"]!.AsObject())
        {
            Silent(schema!, name, silent);
        }

        foreach (JsonNode operation in operations)
        {
            Silent(operation["requestBody"]?["content"]?["application/json"]?["schema"], operation["operationId"]!.GetValue<string>(), silent);
        }

        Assert.Equal(operations.Length, operations.Select(o => o["operationId"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(silent);
    }

    [Fact]
    public void Every_request_that_changes_something_can_be_repeated_under_an_id() =>
        Assert.All(this.Operations().Where(o => o.Method != "GET"), o => Assert.True(
            o.Operation["requestBody"]?["content"]!["application/json"]!["schema"]!["properties"]!["requestId"] is not null, $"{o.Method} {o.Path}"));

    [Fact]
    public async Task A_route_takes_the_members_that_are_told_and_no_others()
    {
        foreach ((string method, string path, JsonNode operation) in this.Operations())
        {
            if (operation["requestBody"]?["content"]!["application/json"]!["schema"]!["properties"] is not JsonObject members)
            {
                continue;
            }

            Answered refused = await this.host.SendAsync(method, Fill(path), """{"no-such-member":1}""", this.host.FirstAdminKey);
            refused.ExpectProblem(HttpStatusCode.BadRequest, "unknown_field");
            Assert.Equal(members.Select(m => m.Key), Known(refused, "known are "), StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task A_route_takes_the_parameters_that_are_told_and_no_others()
    {
        foreach ((string method, string path, JsonNode operation) in this.Operations())
        {
            string[] told = [.. (operation["parameters"]?.AsArray() ?? []).Where(p => p!["in"]!.GetValue<string>() == "query").Select(p => p!["name"]!.GetValue<string>())];
            if (told.Length == 0)
            {
                continue;
            }

            Answered refused = await this.host.SendAsync(method, Fill(path) + "?no-such-parameter=1", null, this.host.FirstAdminKey);
            refused.ExpectProblem(HttpStatusCode.BadRequest, "invalid", "no-such-parameter");
            Assert.Equal(told.Order(StringComparer.Ordinal), Known(refused, "it has ").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task Who_has_it_already_is_not_sent_it_again()
    {
        HttpRequestMessage request = new(HttpMethod.Get, "/openapi.json");
        request.Headers.TryAddWithoutValidation("If-None-Match", await this.host.TagOfAsync("/openapi.json"));

        (await this.host.SendAsync(request)).Expect(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task The_page_is_served_from_the_host_itself()
    {
        Answered page = (await this.host.GetAsync("/docs/index.html", null)).Expect(HttpStatusCode.OK);
        Answered script = (await this.host.GetAsync("/docs/index.js", null)).Expect(HttpStatusCode.OK);

        Assert.DoesNotContain("://", page.Text, StringComparison.Ordinal);
        Assert.Contains("/openapi.json", script.Text, StringComparison.Ordinal);
    }

    private static string? Scope(JsonNode operation) => operation["security"]?.AsArray().FirstOrDefault()?.AsObject().First().Value!.AsArray().FirstOrDefault()?.GetValue<string>();

    private IEnumerable<(string Method, string Path, JsonNode Operation)> Operations()
    {
        foreach ((string path, JsonNode? operations) in this.document["paths"]!.AsObject())
        {
            foreach ((string method, JsonNode? operation) in operations!.AsObject())
            {
                yield return (method.ToUpperInvariant(), path, operation!);
            }
        }
    }

    private static string Fill(string path) => path
        .Replace("{account}", "acme", StringComparison.Ordinal)
        .Replace("{kind}", "account", StringComparison.Ordinal)
        .Replace("{key}", "acme", StringComparison.Ordinal)
        .Replace("{charge}", "1", StringComparison.Ordinal)
        .Replace("{hold}", "1", StringComparison.Ordinal)
        .Replace("{", "", StringComparison.Ordinal)
        .Replace("}", "", StringComparison.Ordinal);

    private static string[] Known(Answered refused, string before)
    {
        string detail = refused.Member("detail");
        return detail[(detail.IndexOf(before, StringComparison.Ordinal) + before.Length)..].TrimEnd('.').Split(", ");
    }

    private static void Silent(JsonNode? schema, string name, List<string> silent)
    {
        foreach ((string member, JsonNode? described) in schema?["properties"]?.AsObject() ?? [])
        {
            if (described!["description"] is null && described["$ref"] is null)
            {
                silent.Add($"{name}.{member}");
            }
        }
    }

    private static IEnumerable<string> References(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(m => m.Key == "$ref" ? [m.Value!.GetValue<string>()] : m.Value is null ? [] : References(m.Value)),
        JsonArray a => a.SelectMany(i => i is null ? [] : References(i)),
        _ => [],
    };

    private static JsonNode? At(JsonNode root, string reference)
    {
        JsonNode? at = root;
        foreach (string part in reference.Split('/').Skip(1))
        {
            at = at is JsonArray array ? array[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : at?[part];
        }

        return at;
    }
}
