using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>What callers see when the host cannot decide, or fails.</summary>
public sealed class HostFailureTests
{
    private static readonly Pepper Pepper = new(new byte[32]);
    private static readonly string KeyId = ApiKey.NewKeyId("system");
    private static readonly string Secret = ApiKey.NewSecret();
    private static readonly string AdminKey = ApiKey.Join("sk_", KeyId, Secret);

    public static TheoryData<Outcome, HttpStatusCode, string> Failures => new()
    {
        { Outcome.Unavailable, HttpStatusCode.ServiceUnavailable, "unavailable" },
        { Outcome.Overloaded, HttpStatusCode.ServiceUnavailable, "overloaded" },
        { Outcome.InDoubt, HttpStatusCode.ServiceUnavailable, "in_doubt" },
        { Outcome.ClockSkew, HttpStatusCode.ServiceUnavailable, "clock_skew" },
        { Outcome.Stopping, HttpStatusCode.ServiceUnavailable, "stopping" },
        { Outcome.GrainBroken, HttpStatusCode.InternalServerError, "grain_broken" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_host_that_cannot_decide_says_so_and_when_to_come_again(Outcome outcome, HttpStatusCode status, string code)
    {
        foreach ((string method, string path, string? body) in new[]
        {
            ("POST", "/v1/verify", $$"""{"key":"{{AdminKey}}","amount":1}"""), ("POST", "/v1/charges", """{"account":"acme","amount":1}"""),
            ("GET", "/v1/wallet", null), ("GET", "/health/ready", null),
        })
        {
            Answered answer = await AskAsync((_, command) => command is CheckKey or GetKeyProof ? null : new Denied(outcome), method, path, body);

            answer.ExpectProblem(status, code);
            Assert.Equal(status == HttpStatusCode.ServiceUnavailable, answer.RetryAfter is not null);
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_a_failing_host_says_of_its_inside_stays_inside(Outcome outcome, HttpStatusCode status, string code)
    {
        const string inside = "PostgreSQL cannot be asked: password authentication failed for user \"billing\" at 10.0.0.5:5432";
        Answered unproven = await AskAsync((grain, _) => grain.Kind == GrainId.KeyKind ? new Denied(outcome, Detail: inside) : null, "GET", "/v1/wallet", null);
        Answered proven = await AskAsync((_, command) => command is Charge ? new Denied(outcome, Detail: inside) : null, "POST", "/v1/charges", """{"account":"acme","amount":1}""");

        foreach (Answered answer in new[] { unproven, proven })
        {
            answer.ExpectProblem(status, code);
            Assert.DoesNotContain("10.0.0.5", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("password", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_that_cannot_be_looked_up_is_503_and_not_401()
    {
        Answered answer = await AskAsync((grain, _) => grain.Kind == GrainId.KeyKind ? new Denied(Outcome.Unavailable) : null, "GET", "/v1/wallet", null);

        answer.ExpectProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task An_exception_is_logged_and_nothing_of_it_leaves_the_host()
    {
        LogKeeper log = new();

        Answered answer = await AskAsync(
            (_, command) => command is Charge ? throw new InvalidOperationException("the inner secret") : null, "POST", "/v1/charges", """{"account":"acme","amount":1}""", log);

        answer.ExpectProblem(HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("inner", answer.Text, StringComparison.Ordinal);
        Assert.Contains(log.Lines, l => l.Contains("the inner secret", StringComparison.Ordinal) && l.Contains("/v1/charges", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_under_another_pepper_is_not_proven_and_told_of()
    {
        LogKeeper log = new();

        Answered answer = await AskAsync(
            (_, command) => command is GetKeyProof ? new KeyProof("system", TagOf(Pepper), "feedfacefeedface") : null, "GET", "/v1/wallet", null, log);

        answer.ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
        Assert.Contains(log.Lines, l => l.Contains("feedfacefeedface", StringComparison.Ordinal));
    }

    private static string TagOf(Pepper pepper)
    {
        byte[] tag = new byte[Pepper.TagBytes];
        pepper.Tag("sk_", KeyId, Secret, tag);
        return Tags.Encode(tag);
    }

    // One request to a front end whose grains answer as told, and otherwise just enough for the key to be good.
    private static async Task<Answered> AskAsync(Func<GrainId, Command, Reply?> reply, string method, string path, string? body, LogKeeper? log = null)
    {
        WebApplicationBuilder builder = Frontend.CreateBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders().AddProvider(log ?? new LogKeeper());
        await using WebApplication app = builder.Build();
        ScriptedGrains grains = new(reply);
        Frontend.Map(app, new FrontendParts(grains, grains, Pepper, new BillingOptions(), TimeProvider.System));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        return await Answered.SendAsync(client, new HttpMethod(method), path, body, AdminKey);
    }

    private sealed class ScriptedGrains(Func<GrainId, Command, Reply?> reply) : IGrains, IKeyProofs
    {
        public ValueTask<Reply> ReadAsync(string keyId, CancellationToken ct) => this.AskAsync(GrainId.ForKey(keyId), new GetKeyProof(), ct);

        public ValueTask<Reply> RenewAsync(string keyId, string tag, CancellationToken ct) => this.AskAsync(GrainId.ForKey(keyId), new RenewKeyProof(tag, Pepper.Fingerprint), ct);

        public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => ValueTask.FromResult(reply(grain, command) ?? command switch
        {
            GetKeyProof => new KeyProof("system", TagOf(Pepper), Pepper.Fingerprint),
            CheckKey => new KeyView(KeyId, "sk_", null, KeyType.Internal, ["*"], false, null, null, []),
            _ => throw new InvalidOperationException($"Nobody expected {command}."),
        });
    }
}
