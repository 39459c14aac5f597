using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What a customer does with the workspaces of its own account. What a key that is bound to one cannot reach is in <see cref="GuardTests"/>, too.</summary>
public class WorkspaceTests : HttpTests
{
    private string manager = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await this.Host.OpenAsync("acme");
        this.manager = await this.Host.MakeKeyAsync("acme", """{"scopes":["workspaces"]}""");
    }

    [Fact]
    public async Task A_workspace_is_made_capped_and_capped_anew()
    {
        (await this.SetAsync("lab", """{"caps":{"daily":2,"total":5},"reason":"a team"}""")).Expect(HttpStatusCode.OK);
        (await this.SetAsync("attic", "{}")).Expect(HttpStatusCode.OK);
        (await this.ChargeAsync("lab", "2")).Expect(HttpStatusCode.OK);
        (await this.ChargeAsync("lab", "1")).ExpectProblem(HttpStatusCode.PaymentRequired, "workspace_daily_cap_exceeded");
        (await this.SetAsync("lab", """{"caps":{"total":5}}""")).Expect(HttpStatusCode.OK);
        (await this.ChargeAsync("lab", "1")).Expect(HttpStatusCode.OK);

        Answered list = (await this.Host.GetAsync("/v1/workspaces", this.manager)).Expect(HttpStatusCode.OK);
        Answered one = (await this.Host.GetAsync("/v1/workspaces/lab", this.manager)).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"acme\"", "\"attic\"", "\"lab\""), (list["account"], list["workspaces.0.workspace"], list["workspaces.1.workspace"]));
        Assert.Equal(("\"workspace_total_cap\"", "5", "3", "-"), (one["limits.2.name"], one["limits.2.max"], one["limits.2.used"], one["limits.0.max"]));
        (await this.Host.GetAsync("/v1/workspaces/none", this.manager)).ExpectProblem(HttpStatusCode.NotFound, "workspace_not_found");
    }

    [Fact]
    public async Task A_repeat_is_answered_as_the_first_and_another_body_is_refused()
    {
        Answered first = (await this.SetAsync("lab", """{"caps":{"daily":2},"requestId":"w-1"}""")).Expect(HttpStatusCode.OK);
        Answered again = (await this.SetAsync("lab", """{"caps":{"daily":2},"requestId":"w-1"}""")).Expect(HttpStatusCode.OK);

        Assert.Equal((first["entry"], "true"), (again["entry"], again["replayed"]));
        (await this.SetAsync("lab", """{"caps":{"daily":3},"requestId":"w-1"}""")).ExpectProblem(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
        (await this.SetAsync("other", """{"caps":{"daily":2},"requestId":"w-1"}""")).ExpectProblem(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
    }

    [Theory]
    [InlineData("lab", """{"caps":{"hourly":1}}""", "unknown_field", "caps.hourly")]
    [InlineData("lab", """{"caps":{"daily":-1}}""", "invalid", "caps.daily")]
    [InlineData("lab", """{"caps":[]}""", "invalid", "caps")]
    [InlineData("a%0Ab", "{}", "invalid", "workspace")]
    public async Task A_bad_request_is_refused_and_makes_nothing(string workspace, string body, string code, string field)
    {
        (await this.SetAsync(workspace, body)).ExpectProblem(HttpStatusCode.BadRequest, code, field);

        Assert.Equal("[]", (await this.Host.GetAsync("/v1/workspaces", this.manager))["workspaces"]);
    }

    [Fact]
    public async Task A_key_that_is_bound_to_a_workspace_sees_that_one_and_sets_none()
    {
        (await this.SetAsync("lab", """{"caps":{"daily":2}}""")).Expect(HttpStatusCode.OK);
        (await this.SetAsync("attic", "{}")).Expect(HttpStatusCode.OK);
        string bound = await this.Host.MakeKeyAsync("acme", """{"scopes":["*"],"workspace":"lab"}""");

        Answered list = (await this.Host.GetAsync("/v1/workspaces", bound)).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"lab\"", 1), (list["workspaces.0.workspace"], list.Json.GetProperty("workspaces").GetArrayLength()));
        (await this.Host.GetAsync("/v1/workspaces/lab", bound)).Expect(HttpStatusCode.OK);
        (await this.Host.GetAsync("/v1/workspaces/attic", bound)).ExpectProblem(HttpStatusCode.NotFound, "workspace_not_found");
        foreach (string workspace in new[] { "lab", "attic", "new" })
        {
            (await this.Host.SendAsync(HttpMethod.Put, "/v1/workspaces/" + workspace, "{}", bound)).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", "workspace");
        }

        // Nor by a key that it makes.
        (await this.Host.SendAsync(HttpMethod.Post, "/v1/keys", """{"scopes":["*"]}""", bound)).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", "workspace");
        (await this.Host.SendAsync(HttpMethod.Post, "/v1/keys", """{"scopes":["*"],"workspace":"attic"}""", bound)).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", "workspace");
        (await this.Host.SendAsync(HttpMethod.Post, "/v1/keys", """{"workspace":"lab"}""", bound)).Expect(HttpStatusCode.Created);
        Assert.Equal(2, (await this.Host.GetAsync("/v1/keys", bound)).Expect(HttpStatusCode.OK).Json.GetProperty("keys").GetArrayLength());
    }

    [Fact]
    public async Task A_workspace_of_the_same_name_is_another_one_in_another_account()
    {
        await this.Host.OpenAsync("other");
        string theirs = await this.Host.MakeKeyAsync("other", """{"scopes":["workspaces"]}""");
        (await this.SetAsync("lab", """{"caps":{"daily":2}}""")).Expect(HttpStatusCode.OK);

        (await this.Host.GetAsync("/v1/workspaces/lab", theirs)).ExpectProblem(HttpStatusCode.NotFound, "workspace_not_found");
        (await this.Host.SendAsync(HttpMethod.Put, "/v1/workspaces/lab", "{}", theirs)).Expect(HttpStatusCode.OK);

        Assert.Equal("2", (await this.Host.GetAsync("/v1/workspaces/lab", this.manager))["limits.0.max"]);
    }

    private Task<Answered> SetAsync(string workspace, string body) => this.Host.SendAsync(HttpMethod.Put, "/v1/workspaces/" + workspace, body, this.manager);

    private Task<Answered> ChargeAsync(string workspace, string amount) =>
        this.Host.PostAsync("/v1/charges", $$"""{"account":"acme","amount":{{amount}},"workspace":"{{workspace}}"}""");
}
