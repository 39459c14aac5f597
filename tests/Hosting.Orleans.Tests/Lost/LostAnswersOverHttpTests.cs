using System.Net;
using OrleansBilling.ApiHost.Tests;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>What the caller of a front end sees of an answer that a silo lost.</summary>
public sealed class LostAnswersOverHttpTests
{
    private const string Credits = "/admin/accounts/acme/credits";

    private readonly LostAnswer answers = new("acme");

    [Fact]
    public async Task A_read_is_answered()
    {
        await using TestHost host = await this.StartAsync();

        this.answers.Lose(Loss.Reported);

        Assert.Equal("10", (await host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme")).Expect(HttpStatusCode.OK)["balance"]);
        Assert.Equal(2, this.answers.Calls);
    }

    [Fact]
    public async Task A_credit_under_a_request_id_is_answered_and_given_once()
    {
        await using TestHost host = await this.StartAsync();

        this.answers.Lose(Loss.Reported);
        Answered credited = (await host.PostAsync(Credits, """{"kind":"topup","amount":2}""", "r1")).Expect(HttpStatusCode.Created);

        Assert.Equal("True", credited.Member("replayed"));
        Assert.Equal(2, this.answers.Calls);
        Assert.Equal("12", (await host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme"))["balance"]);
    }

    [Fact]
    public async Task A_credit_without_one_is_answered_503_in_doubt_and_not_given_twice()
    {
        await using TestHost host = await this.StartAsync();

        this.answers.Lose(Loss.Reported);
        (await host.PostAsync(Credits, """{"kind":"topup","amount":2}""")).ExpectProblem(HttpStatusCode.ServiceUnavailable, "in_doubt");

        Assert.Equal(1, this.answers.Calls);
        Assert.Equal("12", (await host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme"))["balance"]);
    }

    [Fact]
    public async Task A_batch_under_a_request_id_is_answered_and_charged_once()
    {
        await using TestHost host = await this.StartAsync();
        string key = await host.MakeKeyAsync("acme", "{}");

        this.answers.Lose(Loss.Reported);
        Answered done = (await host.PostAsync("/v1/verify/batch", Batch(key), "b1")).Expect(HttpStatusCode.OK);

        Assert.Equal(("true", "true"), (done["results.0.answer.replayed"], done["results.1.answer.replayed"]));
        Assert.Equal("7", (await host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme"))["balance"]);
    }

    [Fact]
    public async Task Each_item_of_a_batch_without_one_is_answered_503_in_doubt_and_not_charged_twice()
    {
        await using TestHost host = await this.StartAsync();
        string key = await host.MakeKeyAsync("acme", "{}");

        this.answers.Lose(Loss.Reported);
        Answered done = (await host.PostAsync("/v1/verify/batch", Batch(key))).Expect(HttpStatusCode.OK);

        Assert.Equal(1, this.answers.Calls);
        foreach (string item in new[] { "results.0", "results.1" })
        {
            Assert.Equal(("503", "\"in_doubt\""), (done[$"{item}.status"], done[$"{item}.problem.code"]));
        }

        Assert.Equal("7", (await host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme"))["balance"]);
    }

    private static string Batch(string key) => $$"""{"items":[{"key":"{{key}}","amount":1},{"key":"{{key}}","amount":2}]}""";

    private async Task<TestHost> StartAsync()
    {
        TestHost host = await TestHost.StartAsync((store, prices) => Http.Silos.TwoAsync(store, prices, this.answers), null, null);
        await host.OpenAsync("acme");
        return host;
    }
}
