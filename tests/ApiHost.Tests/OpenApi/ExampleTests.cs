using System.Net;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansBilling.ApiHost.Tests.OpenApi;

/// <summary>Every example of the document is sent to a host, and what it answers is what the document says.</summary>
public sealed partial class ExampleTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>, IAsyncLifetime
{
    private const int LongestList = 3;
    private const string File = "ApiHost/OpenApi/answer-examples.json";

    // In this order each finds what it needs; the first of the arguments is whose key is sent.
    private static readonly (string Operation, string Caller, string? Number)[] Steps =
    [
        ("openAccount", "admin", null), ("postCredit", "admin", null), ("setBalance", "admin", null), ("setLimits", "admin", null), ("setTier", "admin", null), ("setZone", "admin", null),
        ("resetQuota", "admin", null), ("setWorkspace", "admin", null), ("verify", "admin", null), ("verifyBatch", "admin", null), ("charge", "admin", "charge"), ("reverseCharge", "admin", null), ("reverseAccountCharge", "admin", null),
        ("authorize", "admin", "hold"), ("extendHold", "admin", null), ("captureHold", "admin", null), ("releaseHold", "admin", null),
        ("getWallet", "customer", null), ("getBalance", "customer", null), ("listTransactions", "customer", null), ("getUsage", "customer", null), ("analyzeUsage", "customer", null), ("explainRequest", "customer", null),
        ("setOwnWorkspace", "customer", null), ("listWorkspaces", "customer", null), ("getWorkspace", "customer", null),
        ("createKey", "customer", "keyId"), ("listKeys", "customer", null), ("getKey", "customer", null), ("updateKey", "customer", null),
        ("rotateKey", "customer", null), ("revokeKey", "customer", null), ("listAccounts", "admin", null), ("getAccount", "admin", null),
        ("getAccountBalance", "admin", null), ("listAccountTransactions", "admin", null), ("getAccountUsage", "admin", null), ("analyzeAccountUsage", "admin", null), ("getStatistics", "admin", null), ("explainAccountRequest", "admin", null),
        ("createAccountKey", "admin", "keyId"), ("listAccountKeys", "admin", null), ("getAccountKey", "admin", null), ("updateAccountKey", "admin", null),
        ("rotateAccountKey", "admin", null), ("revokeAccountKey", "admin", null), ("setProfile", "admin", null), ("getProfile", "admin", null), ("eraseProfile", "admin", null), ("listAudit", "admin", null), ("getPricing", "admin", null), ("getPricingVersion", "admin", null), ("getCluster", "admin", null),
        ("getGrain", "admin", null), ("deactivateGrain", "admin", null), ("suspendAccount", "admin", null), ("resumeAccount", "admin", null),
        ("isLive", "nobody", null), ("isReady", "nobody", null),
    ];

    // On a host that keeps its grains itself these cannot succeed; tests/Hosting.Orleans.Tests has them.
    private static readonly string[] OfSilos = ["drainSilo", "moveGrain"];

    private readonly Dictionary<string, string> known = new(StringComparer.Ordinal) { ["account"] = "acme", ["workspace"] = "lab", ["requestId"] = "order-1", ["kind"] = "account", ["key"] = "acme", ["version"] = "1" };
    private PostgresHost host = null!;
    private JsonNode document = null!;
    private string customer = null!;

    public async ValueTask InitializeAsync()
    {
        this.host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.document = JsonNode.Parse((await this.host.GetAsync("/openapi.json", null)).Expect(HttpStatusCode.OK).Text)!;
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Fact]
    public async Task Every_example_does_what_the_document_says()
    {
        JsonObject answers = [];
        foreach ((string operation, string caller, string? number) in Steps)
        {
            Answered answer = await this.SendAsync(operation, caller);
            answers[operation] = Shown(answer);
            if (number is not null)
            {
                this.known[number] = answer.Member(number);
            }

            if (operation == "openAccount")
            {
                this.customer = (await this.host.PostAsync("/admin/accounts/acme/keys", """{"scopes":["*"]}""", this.host.FirstAdminKey!)).Expect(HttpStatusCode.Created).Member("key");
            }
        }

        // An account is closed empty.
        (await this.host.PutAsync("/admin/accounts/acme/balance", """{"balance":0}""", this.host.FirstAdminKey!)).Expect(HttpStatusCode.OK);
        answers["closeAccount"] = Shown(await this.SendAsync("closeAccount", "admin"));
        foreach (string operation in OfSilos)
        {
            (string method, string path, JsonNode described) = this.Find(operation);
            (await this.host.SendAsync(method, this.Fill(path), this.Body(described), this.host.FirstAdminKey)).ExpectProblem(HttpStatusCode.Conflict, "no_cluster");
            answers[operation] = this.Example(described)!.DeepClone();
        }

        Assert.Equal(this.OperationIds().Order(StringComparer.Ordinal), answers.Select(a => a.Key).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        this.Compare(answers);
    }

    private async Task<Answered> SendAsync(string operation, string caller)
    {
        (string method, string path, JsonNode described) = this.Find(operation);
        string? key = caller switch { "admin" => this.host.FirstAdminKey, "customer" => this.customer, _ => null };
        string status = described["responses"]!.AsObject().First().Key;

        // Sums of usage are there, however slow the machine is.
        await this.host.Backend.Journal.UsageProjector.CatchUpAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Answered answer = await this.host.SendAsync(method, this.Fill(path), this.Body(described), key);
        Assert.True(((int)answer.Status).ToString(System.Globalization.CultureInfo.InvariantCulture) == status, $"{operation}: {answer.Text}");
        JsonNode schema = described["responses"]![status]!["content"]!["application/json"]!["schema"]!;
        Assert.Empty(SchemaCheck.Mistakes(this.document, schema, JsonNode.Parse(answer.Text), operation));
        Assert.Empty(Snapshot.Writes ? [] : SchemaCheck.Mistakes(this.document, schema, this.Example(described), operation + " (example)"));
        if (described["responses"]!["304"] is not null)
        {
            await this.IsSentOnceAsync(this.Fill(path), key);
        }

        return answer;
    }

    // Who has it already is not sent it again, and who has another is.
    private async Task IsSentOnceAsync(string path, string? key)
    {
        string tag;
        List<HttpStatusCode> answers = [];
        do
        {
            // A key that looks has been used: in another minute it is shown otherwise.
            tag = await this.host.TagOfAsync(path, key);
            answers.Clear();
            foreach (string has in new[] { tag, "\"0\", " + tag, "*", "\"0\"" })
            {
                HttpRequestMessage request = new(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
                request.Headers.TryAddWithoutValidation("If-None-Match", has);
                Answered answer = await this.host.SendAsync(request);
                Assert.Equal(answer.Status == HttpStatusCode.OK, answer.Text.Length > 0);
                answers.Add(answer.Status);
            }
        }
        while (await this.host.TagOfAsync(path, key) != tag);

        Assert.Equal([HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK], answers);
    }

    // The examples in the document have the same members as what is answered now.
    private void Compare(JsonObject answers)
    {
        if (Snapshot.Writes)
        {
            Snapshot.Check(File, answers.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        }
        else
        {
            Assert.All(answers, a => Assert.Equal(Members(a.Value, ""), Members(this.Example(this.Find(a.Key).Operation), "")));
        }
    }

    private string? Body(JsonNode operation) =>
        operation["requestBody"]?["content"]!["application/json"]!["example"]!.ToJsonString().Replace("{key}", this.customer, StringComparison.Ordinal);

    private JsonNode? Example(JsonNode operation) => operation["responses"]!.AsObject().First().Value!["content"]!["application/json"]!["example"];

    private string Fill(string path) =>
        Name().Replace(path, m => m.Value == "{name}" ? "silo-1" : this.known[m.Value[1..^1]]);

    private (string Method, string Path, JsonNode Operation) Find(string id) => this.Operations().Single(o => o.Operation["operationId"]!.GetValue<string>() == id);

    private IEnumerable<string> OperationIds() => this.Operations().Select(o => o.Operation["operationId"]!.GetValue<string>());

    private IEnumerable<(string Method, string Path, JsonNode Operation)> Operations() =>
        from path in this.document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value);

    private static SortedSet<string> Members(JsonNode? node, string path) => node switch
    {
        JsonObject o => new SortedSet<string>(o.SelectMany(m => Members(m.Value, path + "." + m.Key)), StringComparer.Ordinal),
        JsonArray a => new SortedSet<string>(a.SelectMany(i => Members(i, path)), StringComparer.Ordinal),
        _ => [path],
    };

    // As an example: lists not longer than they need to be.
    private static JsonNode? Shown(Answered answer)
    {
        JsonNode? shown = JsonNode.Parse(Still(answer.Text));
        foreach ((_, JsonNode? member) in shown!.AsObject())
        {
            while (member is JsonArray { Count: > LongestList } list)
            {
                list.RemoveAt(LongestList);
            }
        }

        return shown;
    }

    // What differs from run to run, made the same.
    private static string Still(string text)
    {
        text = Instant().Replace(text, "2026-01-31T12:00:00Z");
        text = WholeKey().Replace(text, "\"key\":\"${prefix}EXAMPLE\"");
        text = PublicId().Replace(text, "\"${name}\":\"3kTq0000000000000000\"");
        text = Varying().Replace(text, "\"${name}\":480");
        text = Digest().Replace(text, new string('0', 64));
        return Machine().Replace(text, "\"${name}\":\"billing-1\"");
    }

    [GeneratedRegex(@"\{[a-zA-Z]+\}", RegexOptions.None, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[0-9:.]+Z(?<!2199-12-31T00:00:00Z)", RegexOptions.None, 1000)]
    private static partial Regex Instant();

    [GeneratedRegex("\"key\":\"(?<prefix>[a-zA-Z0-9]+[_-](?:[a-z0-9]+[_-])*)[0-9A-Za-z]{12,}_[0-9A-Za-z]{20,}\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WholeKey();

    [GeneratedRegex("\"(?<name>keyId|actor|replaces|successor|key)\":\"[0-9A-Za-z]{12,}\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PublicId();

    [GeneratedRegex("\"(?<name>processId|bytes)\":[0-9]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Varying();

    [GeneratedRegex("[0-9a-f]{64}", RegexOptions.None, 1000)]
    private static partial Regex Digest();

    [GeneratedRegex("\"(?<name>name|silo)\":\"(?!acme|build|old|production)[^\"_:]*\"(?=,\"(address|status|processId|seq))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Machine();
}
