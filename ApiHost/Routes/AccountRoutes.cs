using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>An operator's view of accounts, and the commands to them.</summary>
/// <param name="grains">The grains.</param>
/// <param name="options">The tiers that may be named without their quotas.</param>
/// <param name="uses">Knows when keys were last used.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class AccountRoutes(IGrains grains, BillingOptions options, KeyUseLog uses, TimeProvider time)
{
    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/accounts", this.OpenAsync).Needs(VendorScopes.Accounts);
        routes.MapGet("/accounts/{account}", this.GetAsync).Needs(VendorScopes.Read);
        routes.MapPost("/accounts/{account}/credits", this.CreditAsync).Needs(VendorScopes.Credit);
        routes.MapPut("/accounts/{account}/balance", this.BalanceAsync).Needs(VendorScopes.Credit);
        routes.MapPost("/accounts/{account}/charges/{charge}/reversals", this.ReverseAsync).Needs(VendorScopes.Credit);
        routes.MapPut("/accounts/{account}/limits", this.LimitsAsync).Needs(VendorScopes.Credit);
        routes.MapPut("/accounts/{account}/tier", this.TierAsync).Needs(VendorScopes.Accounts);
        routes.MapPut("/accounts/{account}/zone", this.ZoneAsync).Needs(VendorScopes.Accounts);
        routes.MapPost("/accounts/{account}/quota/reset", this.ResetAsync).Needs(VendorScopes.Credit);
        routes.MapPut("/accounts/{account}/workspaces/{workspace}", this.WorkspaceAsync).Needs(VendorScopes.Accounts);
        routes.MapPost("/accounts/{account}/suspend", this.SuspendAsync).Needs(VendorScopes.Accounts);
        routes.MapPost("/accounts/{account}/resume", this.ResumeAsync).Needs(VendorScopes.Accounts);
        routes.MapPost("/accounts/{account}/close", this.CloseAsync).Needs(VendorScopes.Accounts);
    }

    private async Task<Results<Answer<OpenedResponse>, Problem>> OpenAsync(HttpContext http, CancellationToken ct)
    {
        ((string Id, OpenAccount Command) body, Problem? problem) = await Body.ReadAsync<(string Id, OpenAccount Command)>(http, AccountBody.Open);
        if (RequestIds.Take(http, problem, body.Command?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        OpenAccount command = body.Command! with
        {
            RequestId = requestId,
            Actor = http.Caller().Key.Key,
            TierQuotas = options.QuotasOf(body.Command!.Tier),
        };
        Reply reply = await grains.AskAsync(GrainId.Account(body.Id), command, ct);
        if (reply is not Accepted { Event: AccountOpened opened } accepted)
        {
            return this.Refusal(reply, command.Tier);
        }

        http.Response.Headers.Location = "/admin/accounts/" + Uri.EscapeDataString(body.Id);
        return new Answer<OpenedResponse>(OpenedResponse.From(body.Id, accepted, opened), ApiJson.Default.OpenedResponse, StatusCodes.Status201Created);
    }

    private async Task<Results<Answer<AccountResponse>, Problem>> GetAsync(HttpContext http, string account) =>
        Bounds.IsAccount(account) ? await this.ViewAsync(http, account) : Bounds.BadAccount();

    private Task<Results<Answer<CreditResponse>, Problem>> CreditAsync(HttpContext http, string account) =>
        this.ChangeAsync(http, account, AccountBody.Credit, c => c.RequestId, static (c, id, actor) => c with { RequestId = id, Actor = actor }, AsCredit, StatusCodes.Status201Created);

    private Task<Results<Answer<CreditResponse>, Problem>> BalanceAsync(HttpContext http, string account) =>
        this.ChangeAsync(http, account, AccountBody.Balance, c => c.RequestId, static (c, id, actor) => c with { RequestId = id, Actor = actor }, AsCredit);

    private async Task<Results<Answer<ReversalResponse>, Problem>> ReverseAsync(HttpContext http, string account, string charge) =>
        !Bounds.TryNumber(charge, out long number)
            ? ChargeRoutes.BadCharge()
            : await this.ChangeAsync(
                http, account, AmountBody.Reversal, c => c.RequestId, (c, id, actor) => c with { Charge = number, RequestId = id, Actor = actor }, AsReversal);

    private Task<Results<Answer<ChangeResponse>, Problem>> LimitsAsync(HttpContext http, string account) =>
        this.ChangeAsync(http, account, AccountBody.Limits, c => c.RequestId, static (c, id, actor) => c with { RequestId = id, Actor = actor }, AsChange);

    private async Task<Results<Answer<ChangeResponse>, Problem>> TierAsync(HttpContext http, string account)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        (SetTier? body, Problem? problem) = await Body.ReadAsync(http, (BodyParser<SetTier>)AccountBody.Tier);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        SetTier command = body! with { RequestId = requestId, Actor = http.Caller().Key.Key, TierQuotas = options.QuotasOf(body.Tier) };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted accepted ? AsChange(account, accepted, StatusCodes.Status200OK) : this.Refusal(reply, command.Tier);
    }

    private Task<Results<Answer<ChangeResponse>, Problem>> ZoneAsync(HttpContext http, string account) =>
        this.ChangeAsync(http, account, AccountBody.Zone, c => c.RequestId, static (c, id, actor) => c with { RequestId = id, Actor = actor }, AsChange);

    private Task<Results<Answer<ChangeResponse>, Problem>> ResetAsync(HttpContext http, string account) =>
        this.ChangeAsync(http, account, AccountBody.Reset, c => c.RequestId, static (c, id, actor) => c with { RequestId = id, Actor = actor }, AsChange);

    private async Task<Results<Answer<ChangeResponse>, Problem>> WorkspaceAsync(HttpContext http, string account, string workspace) =>
        WorkspaceRoutes.Wrong(workspace) is { } wrong
            ? wrong
            : await this.ChangeAsync(
                http, account, AccountBody.Workspace, c => c.RequestId, (c, id, actor) => c with { Workspace = workspace, RequestId = id, Actor = actor }, AsChange);

    private Task<Results<Answer<ChangeResponse>, Problem>> SuspendAsync(HttpContext http, string account) =>
        this.StatusAsync(http, account, reason => new SuspendAccount(reason));

    private Task<Results<Answer<ChangeResponse>, Problem>> ResumeAsync(HttpContext http, string account) =>
        this.StatusAsync(http, account, reason => new ResumeAccount(reason));

    private Task<Results<Answer<ChangeResponse>, Problem>> CloseAsync(HttpContext http, string account) =>
        this.StatusAsync(http, account, reason => new CloseAccount(reason));

    private async Task<Results<Answer<ChangeResponse>, Problem>> StatusAsync(HttpContext http, string account, Func<string, AccountCommand> command)
    {
        // Whoever did this would shut every operator out, and themselves.
        if (account == Gate.SystemAccount)
        {
            return Problem.Invalid("account", "The account 'system' holds the keys of operators and services; it cannot be suspended or closed.");
        }

        return await this.ChangeAsync(
            http, account, AmountBody.Reason, r => r.RequestId, (r, id, actor) => command(r.Reason ?? "") with { RequestId = id, Actor = actor }, AsChange);
    }

    private async Task<Results<Answer<TResponse>, Problem>> ChangeAsync<TBody, TResponse>(
        HttpContext http,
        string account,
        BodyParser<TBody> parse,
        Func<TBody, string?> requestIdOf,
        Func<TBody, string?, string, Command> toCommand,
        Func<string, Accepted, int, Answer<TResponse>> toAnswer,
        int status = StatusCodes.Status200OK)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        (TBody? body, Problem? problem) = await Body.ReadAsync(http, parse);
        if (RequestIds.Take(http, problem, problem is null ? requestIdOf(body!) : null, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        Reply reply = await grains.AskAsync(GrainId.Account(account), toCommand(body!, requestId, http.Caller().Key.Key), http.RequestAborted);
        return reply is Accepted accepted ? toAnswer(account, accepted, status) : Problem.From(reply, time);
    }

    private async Task<Results<Answer<AccountResponse>, Problem>> ViewAsync(HttpContext http, string account)
    {
        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), http.RequestAborted);
        if (reply is not AccountView view)
        {
            return Problem.From(reply, time);
        }

        (KeyView[]? keys, Denied? refusal) = await uses.CompleteAsync(account, view.Keys, http.RequestAborted);
        if (keys is null)
        {
            return Problem.From(refusal!, time);
        }

        AccountResponse all = AccountResponse.From(account, view with { Keys = keys });
        return new Answer<AccountResponse>(all, ApiJson.Default.AccountResponse).Tagged(all with { At = default });
    }

    // Also an unknown tier is refused by the grain, after it has looked whether it answered this request before: then it was known.
    private Problem Refusal(Reply reply, string tier) => reply is Denied { Outcome: Outcome.Invalid, Field: "tier" } && options.QuotasOf(tier) is null
        ? Problem.Invalid("tier", $"'{tier}' is not configured; send its 'quotas' too, or one of {string.Join(", ", options.Tiers.Keys)}.")
        : Problem.From(reply, time);

    private static Answer<CreditResponse> AsCredit(string account, Accepted accepted, int status) =>
        new(CreditResponse.From(account, accepted, (CreditPosted)accepted.Event), ApiJson.Default.CreditResponse, status);

    private static Answer<ReversalResponse> AsReversal(string account, Accepted accepted, int status) =>
        new(ReversalResponse.From(account, accepted, (ChargeReversed)accepted.Event), ApiJson.Default.ReversalResponse, status);

    private static Answer<ChangeResponse> AsChange(string account, Accepted accepted, int status) =>
        new(new ChangeResponse(account, accepted.Seq, new Moment(accepted.AtNanos), accepted.Replayed ? true : null), ApiJson.Default.ChangeResponse, status);
}
