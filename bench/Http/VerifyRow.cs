using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Http;

/// <summary>The product as it is run: an ApiHost process, and wrk that posts <c>/v1/verify</c> with a charge for keys of many accounts.</summary>
/// <param name="bench">The run.</param>
/// <param name="settings">The host's settings; null is a database of its own on the bench's server.</param>
internal sealed partial class VerifyRow(BenchContext bench, IReadOnlyDictionary<string, string>? settings = null) : IRow, IAsyncDisposable
{
    /// <summary>Accounts, each with one key.</summary>
    public const int Accounts = 1000;

    private ChildProcess? host;
    private Wrk? wrk;

    public string Name => "http_verify";

    public string How => $"wrk, {Wrk.Connections} connections, {Accounts:N0} keys";

    public async Task PrepareAsync()
    {
        Uri url = new($"http://127.0.0.1:{FreePort.Take()}");
        Dictionary<string, string> environment = settings is not null ? new(settings, StringComparer.Ordinal) : new(StringComparer.Ordinal)
        {
            ["Billing__ConnectionString"] = await (await bench.Postgres).CreateDatabaseAsync("http"),
            ["Billing__DataFolder"] = Path.Combine(bench.Folder, "host"),
        };
        environment["Urls"] = url.ToString();
        string program = typeof(VerifyRow).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ApiHost").Value!;
        this.host = ChildProcess.Start(ChildProcess.Terminate, environment, "dotnet", program);
        string adminKey = "";
        await this.host.WaitForAsync("the ApiHost", () =>
        {
            adminKey = AdminKey().Match(this.host.Output).Value;
            return Task.FromResult(adminKey.Length > 0 && this.host.Output.Contains(url.Authority, StringComparison.Ordinal));
        });
        using HttpClient client = new() { BaseAddress = url };
        client.DefaultRequestHeaders.Add("X-API-Key", adminKey);
        string service = await PostAsync(client, "/admin/accounts/system/keys", """{"scopes":["service"],"type":"internal"}""", "key");
        string[] keys = new string[Accounts];
        await Parallel.ForAsync(0, Accounts, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
        {
            await PostAsync(client, "/admin/accounts", $$"""{"id":"acct_{{i}}","currency":"EUR"}""", null);
            await PostAsync(client, $"/admin/accounts/acct_{i}/credits", """{"kind":"topup","amount":1000000}""", null);
            keys[i] = await PostAsync(client, $"/admin/accounts/acct_{i}/keys", "{}", "key");
        });
        string first = await PostAsync(client, "/v1/verify", $$"""{"key":"{{keys[0]}}","amount":0.000001,"requestId":"first"}""", "code");
        if (first != "accepted")
        {
            throw new BenchException($"The ApiHost answered '{first}' to a verify that it should have charged.");
        }

        this.wrk = await Wrk.PrepareAsync(bench, url, "/v1/verify", service, keys);
        await this.wrk.WarmAsync();
    }

    /// <summary>The host's process.</summary>
    public int ProcessId => this.host!.Id;

    /// <summary>What a request and its reply are long, in the bytes of HTTP; known after a run.</summary>
    public (double Request, double Reply) Bytes => this.wrk!.Bytes;

    public Task<Sample> RunAsync(TimeSpan duration) => this.wrk!.RunAsync(duration);

    public async ValueTask DisposeAsync()
    {
        if (this.host is not null)
        {
            await this.host.DisposeAsync();
        }
    }

    /// <summary>Posts once.</summary>
    /// <param name="server">The host.</param>
    /// <param name="key">Whose key.</param>
    /// <param name="path">The route.</param>
    /// <param name="json">The body.</param>
    /// <param name="member">The member of the answer that is wanted.</param>
    public static async Task<string> PostAsync(Uri server, string key, string path, string json, string member)
    {
        using HttpClient client = new() { BaseAddress = server };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        return await PostAsync(client, path, json, member);
    }

    private static async Task<string> PostAsync(HttpClient client, string path, string json, string? member)
    {
        using StringContent body = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage reply = await client.PostAsync(new Uri(path, UriKind.Relative), body);
        string text = await reply.Content.ReadAsStringAsync();
        if (!reply.IsSuccessStatusCode)
        {
            throw new BenchException($"POST {path} was answered {(int)reply.StatusCode}: {text}");
        }

        using JsonDocument document = JsonDocument.Parse(text);
        return member is null ? "" : document.RootElement.GetProperty(member).ToString();
    }

    [GeneratedRegex("sk_admin_[A-Za-z0-9_]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AdminKey();
}
