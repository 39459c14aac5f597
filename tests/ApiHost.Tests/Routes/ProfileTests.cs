using System.Net;
using System.Security.Cryptography;
using OrleansBilling.Testing;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What is personal of an account: set, shown, erased. On a real PostgreSQL.</summary>
public sealed class ProfileTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Path = "/admin/accounts/acme/profile";
    private const string Ada = """{"name":"Ada Lovelace","email":"ada@example.com","metadata":{"team":"engines"},"reason":"signed up"}""";

    private PostgresHost host = null!;
    private string database = null!;
    private string admin = null!;

    public async ValueTask InitializeAsync()
    {
        this.database = await postgres.Server.CreateDatabaseAsync();
        this.host = await PostgresHost.StartAsync(this.database, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.admin = this.host.FirstAdminKey!;
        (await this.host.PostAsync("/admin/accounts", """{"id":"acme","currency":"EUR"}""", this.admin)).Expect(HttpStatusCode.Created);
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Fact]
    public async Task It_is_shown_as_it_was_set_and_set_as_a_whole()
    {
        (await this.host.GetAsync(Path, this.admin)).ExpectProblem(HttpStatusCode.NotFound, "profile_not_found");

        (await this.SendAsync("PUT", Ada)).Expect(HttpStatusCode.OK);
        Answered shown = (await this.host.GetAsync(Path, this.admin)).Expect(HttpStatusCode.OK);
        (await this.SendAsync("PUT", """{"email":"a@example.com"}""")).Expect(HttpStatusCode.OK);
        Answered after = (await this.host.GetAsync(Path, this.admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"Ada Lovelace\"", "\"ada@example.com\"", "\"engines\""), (shown["name"], shown["email"], shown["metadata.team"]));
        Assert.Equal(("-", "\"a@example.com\"", "-"), (after["name"], after["email"], after["metadata"]));
    }

    [Fact]
    public async Task Once_erased_nothing_of_it_is_left_in_the_database_and_the_record_says_who_and_why()
    {
        await this.SendAsync("PUT", Ada);
        (await this.SendAsync("DELETE", """{"reason":"asked for by the customer"}""")).Expect(HttpStatusCode.OK);

        (await this.host.GetAsync(Path, this.admin)).ExpectProblem(HttpStatusCode.NotFound, "profile_not_found");
        Answered audit = (await this.host.GetAsync("/admin/audit?account=acme", this.admin)).Expect(HttpStatusCode.OK);
        Assert.Equal(("\"profile_erased\"", "\"profile_set\""), (audit["entries.0.what"], audit["entries.1.what"]));
        Assert.Equal(("\"asked for by the customer\"", "\"signed up\""), (audit["entries.0.change.reason"], audit["entries.1.change.reason"]));
        Assert.Equal($"\"{this.admin.Split('_')[^2]}\"", audit["entries.0.actor"]);
        Assert.DoesNotContain("Ada", audit.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(
            this.database, "SELECT count(*) FROM billing.journal WHERE data ILIKE '%lovelace%' OR data LIKE '%example.com%' OR data LIKE '%engines%'"));
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(this.database, "SELECT count(*) FROM billing.profiles WHERE data IS NOT NULL"));
    }

    [Fact]
    public async Task A_late_repeat_brings_nothing_back()
    {
        Answered first = (await this.SendAsync("PUT", Ada, "p-1")).Expect(HttpStatusCode.OK);
        (await this.SendAsync("DELETE", null, "p-2")).Expect(HttpStatusCode.OK);

        Answered again = (await this.SendAsync("PUT", Ada, "p-1")).Expect(HttpStatusCode.OK);

        Assert.Equal((first["entry"], "true"), (again["entry"], again["replayed"]));
        (await this.host.GetAsync(Path, this.admin)).ExpectProblem(HttpStatusCode.NotFound, "profile_not_found");
        (await this.SendAsync("PUT", """{"name":"Another"}""", "p-1")).ExpectProblem(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
    }

    [Fact]
    public async Task Of_a_closed_account_it_can_be_erased_and_not_set()
    {
        await this.SendAsync("PUT", Ada);
        (await this.host.PostAsync("/admin/accounts/acme/close", """{"reason":"left"}""", this.admin)).Expect(HttpStatusCode.OK);

        (await this.SendAsync("PUT", Ada)).ExpectProblem(HttpStatusCode.Forbidden, "account_closed");
        (await this.SendAsync("DELETE", null)).Expect(HttpStatusCode.OK);
        (await this.host.SendAsync("DELETE", "/admin/accounts/nobody/profile", null, this.admin)).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
    }

    [Theory]
    [InlineData("""{"email":"nobody"}""", "email")]
    [InlineData("""{"email":"a@b@c"}""", "email")]
    [InlineData("""{"email":"@"}""", "email")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"metadata":{"a":1}}""", "metadata.a")]
    [InlineData("""{"reason":"\u0001"}""", "reason")]
    public async Task A_bad_member_is_named(string body, string field) => (await this.SendAsync("PUT", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    private Task<Answered> SendAsync(string method, string? body, string? requestId = null) =>
        this.host.SendAsync(method, Path, requestId is null ? body : $"{{\"requestId\":\"{requestId}\",{(body ?? "{}")[1..]}".Replace(",}", "}", StringComparison.Ordinal), this.admin);
}
