using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Http;
using OrleansBilling.Bench.Servers;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Bench.Keys;

/// <summary>An ApiHost process on a database with many accounts, each with one key, which the bench has made through the engine.</summary>
internal sealed partial class KeyedHost : IAsyncDisposable
{
    private const int Makers = 512;

    private readonly string connection;
    private readonly string folder;
    private ChildProcess? process;

    private KeyedHost(string connection, string folder, string[] keys)
    {
        this.connection = connection;
        this.folder = folder;
        this.Keys = keys;
    }

    /// <summary>The customers' keys, whole.</summary>
    public string[] Keys { get; }

    /// <summary>A service's key; known once the host has started.</summary>
    public string Service { get; private set; } = "";

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Settings beside the usual ones, as environment variables.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>The pepper, in base64.</summary>
    public string Pepper { get; set; } = NewPepper();

    /// <summary>A new pepper, in base64.</summary>
    public static string NewPepper() => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    /// <summary>Makes a database with accounts and keys.</summary>
    /// <param name="bench">The run.</param>
    /// <param name="name">What the database is called.</param>
    /// <param name="count">How many keys, of as many accounts.</param>
    /// <param name="isHashed">Whether each has its hash too, at 20 to 30 ms each.</param>
    public static async Task<KeyedHost> MakeAsync(BenchContext bench, string name, int count, bool isHashed)
    {
        string[] keys = new string[count];
        KeyedHost host = new(await (await bench.Postgres).CreateDatabaseAsync(name), Path.Combine(bench.Folder, name), keys);
        Pepper pepper = ApiHost.Keys.Pepper.FromBase64(host.Pepper)!;
        IJournal journal = await OpenJournal.OnAsync(host.connection, bench.Options);
        await using (journal)
        {
            await using Engine engine = new(journal, new EngineOptions(), OpenJournal.Kinds, OpenJournal.Prices, TimeProvider.System, NullLogger<Engine>.Instance);
            await engine.StartAsync();
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = isHashed ? 2 : Makers }, async (i, _) =>
                keys[i] = await MakeKeyAsync(engine, pepper, $"acct_{i}", isHashed));
        }

        return host;
    }

    /// <summary>Starts the host.</summary>
    public async Task StartAsync()
    {
        this.Url = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        string program = typeof(KeyedHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ApiHost").Value!;
        this.process = ChildProcess.Start(ChildProcess.Terminate, this.Environment(), "dotnet", program);
        await this.process.WaitForAsync("the ApiHost", () => Task.FromResult(this.process.Output.Contains(this.Url.Authority, StringComparison.Ordinal)));
        if (AdminKey().Match(this.process.Output) is { Success: true, Value: string admin })
        {
            this.Service = await VerifyRow.PostAsync(this.Url, admin, "/admin/accounts/system/keys", """{"scopes":["service"],"type":"internal"}""", "key");
        }
    }

    /// <summary>Stops it.</summary>
    public async Task StopAsync()
    {
        if (this.process is not null)
        {
            await this.process.DisposeAsync();
            this.process = null;
        }
    }

    /// <summary>Makes another pepper the database's, as an operator does who has lost the first.</summary>
    public async Task LosePepperAsync()
    {
        this.Pepper = NewPepper();
        string program = typeof(KeyedHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ApiHost").Value!;
        await ChildProcess.RunAsync(this.Environment(), "dotnet", program, "replace-pepper");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await this.StopAsync();

    private Dictionary<string, string> Environment() => new(this.Settings, StringComparer.Ordinal)
    {
        ["Billing__ConnectionString"] = this.connection,
        ["Billing__DataFolder"] = this.folder,
        ["Billing__Pepper"] = this.Pepper,
        ["Urls"] = this.Url.ToString(),
    };

    private static async Task<string> MakeKeyAsync(Engine engine, Pepper pepper, string account, bool isHashed)
    {
        GrainId id = GrainId.Account(account);
        EngineHost.Expect(await engine.AskAsync(id, new OpenAccount { Currency = "EUR", Zone = "UTC" }));
        EngineHost.Expect(await engine.AskAsync(id, new PostCredit { Kind = CreditKind.Topup, AmountNanos = 1_000_000 * Money.NanosPerUnit }));
        string keyId = ApiKey.NewKeyId(account);
        string secret = ApiKey.NewSecret();
        byte[] tag = new byte[ApiHost.Keys.Pepper.TagBytes];
        const string prefix = "sk_";
        pepper.Tag(prefix, keyId, secret, tag);
        CreateKey create = new()
        {
            Key = keyId,
            Prefix = prefix,
            Tag = Tags.Encode(tag),
            Pepper = pepper.Fingerprint,
            Hash = isHashed ? SecretHash.Make(prefix, keyId, secret).ToString() : null,
        };
        Reply reply = await engine.AskAsync(id, create);
        KeyCreated created = (KeyCreated)((reply as Accepted)?.Event ?? throw new BenchException($"A key was refused: {reply}"));
        EngineHost.Expect(await new KeyIssuer(engine, pepper, new KeyHasher(1, 1)).IssueAsync(account, created, CancellationToken.None));
        return ApiKey.Join(prefix, keyId, secret);
    }

    [GeneratedRegex("sk_admin_[A-Za-z0-9_]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AdminKey();
}
