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

    private async Task<TestHost> StartAsync()
    {
        TestHost host = await TestHost.StartAsync((store, prices) => Http.Silos.TwoAsync(store, prices, this.answers), null, null);
        await host.OpenAsync("acme");
        return host;
    }
}
