using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Holds: authorize, extend, capture, release.</summary>
/// <param name="desk">Takes the requests.</param>
/// <param name="prover">Proves the customer's key.</param>
/// <param name="prices">The prices, where other hosts may have made versions that this one has not seen; otherwise null.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class HoldRoutes(ServiceDesk desk, KeyProver prover, PriceBook? prices, TimeProvider time)
{
    private static readonly BodyParser<SpendBody> ParseHold = SpendBody.Hold;
    private static readonly BodyParser<ExtendHold> ParseExtension = AmountBody.Extension;
    private static readonly BodyParser<CaptureHold> ParseCapture = AmountBody.Capture;
    private static readonly BodyParser<(string? RequestId, string? Reason)> ParseReason = AmountBody.Reason;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/holds", this.AuthorizeAsync).Needs(VendorScopes.Service);
        routes.MapPost("/v1/holds/{account}/{hold}/extend", this.ExtendAsync).Needs(VendorScopes.Service);
        routes.MapPost("/v1/holds/{account}/{hold}/capture", this.CaptureAsync).Needs(VendorScopes.Service);
        routes.MapPost("/v1/holds/{account}/{hold}/release", this.ReleaseAsync).Needs(VendorScopes.Service);
    }

    private async Task<Results<Answer<HoldResponse>, Problem>> AuthorizeAsync(HttpContext http, CancellationToken ct)
    {
        (ServiceRequest<SpendBody> request, Problem? problem) = await desk.ReadAsync(http, null, ParseHold, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        SpendBody body = request.Body;
        (string? account, string? keyId, problem) = await prover.SpenderAsync(body, time, ct);
        if (problem is not null)
        {
            return await desk.RefuseAsync(http, problem);
        }

        Authorize command = new()
        {
            RequestId = request.RequestId,
            Actor = request.Actor,
            AmountNanos = body.AmountNanos,
            Meter = body.Meter,
            Quantity = body.Quantity,
            Key = keyId,
            Workspace = body.Workspace,
            Usage = body.Usage,
            Address = body.Address,
            Scope = body.Scope,
            TtlNanos = body.TtlNanos,
        };
        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, account!, command);
        RateHeaders.Write(http, account!, reply, time);
        return reply is Accepted { Event: HoldPlaced placed } accepted
            ? new Answer<HoldResponse>(HoldResponse.From(account!, accepted, placed), ApiJson.Default.HoldResponse, StatusCodes.Status201Created)
            : problem ?? Problem.From(reply!, time);
    }

    private async Task<Results<Answer<ExtensionResponse>, Problem>> ExtendAsync(HttpContext http, string account, string hold)
    {
        Problem? wrongPath = WrongPath(account, hold, out long number);
        (ServiceRequest<ExtendHold> request, Problem? problem) = await desk.ReadAsync(http, wrongPath, ParseExtension, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        ExtendHold command = request.Body with { Hold = number, RequestId = request.RequestId, Actor = request.Actor };
        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, account, command);
        return reply is Accepted { Event: HoldExtended e } accepted
            ? new Answer<ExtensionResponse>(
                new ExtensionResponse(account, e.Hold, new Moment(e.ExpiresAtNanos), new Moment(accepted.AtNanos), accepted.Replayed ? true : null),
                ApiJson.Default.ExtensionResponse)
            : problem ?? Problem.From(reply!, time);
    }

    private async Task<Results<Answer<CaptureResponse>, Problem>> CaptureAsync(HttpContext http, string account, string hold)
    {
        Problem? wrongPath = WrongPath(account, hold, out long number);
        (ServiceRequest<CaptureHold> request, Problem? problem) = await desk.ReadAsync(http, wrongPath, ParseCapture, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        CaptureHold command = request.Body with { Hold = number, RequestId = request.RequestId, Actor = request.Actor };
        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, account, command);
        if (reply is { Outcome: Outcome.PriceNotFound } && prices is not null)
        {
            // The hold may be pinned to prices that another host was started with after this one.
            try
            {
                if (await prices.LearnAsync(http.RequestAborted))
                {
                    (reply, problem) = await desk.AskAsync(http, request.Guard, account, command);
                }
            }
            catch (JournalUnavailableException)
            {
                return Problem.From(new Denied(Outcome.Unavailable), time);
            }
        }

        RateHeaders.Write(http, account, reply, time);
        return reply switch
        {
            null => problem!,
            Accepted { Event: HoldCaptured captured } accepted => Captured(CaptureResponse.From(account, accepted, captured)),
            Accepted { Event: Charged late } accepted => Captured(CaptureResponse.From(account, accepted, late)),
            _ => Problem.From(reply, time),
        };
    }

    private async Task<Results<Answer<ReleaseResponse>, Problem>> ReleaseAsync(HttpContext http, string account, string hold)
    {
        Problem? wrongPath = WrongPath(account, hold, out long number);
        (ServiceRequest<(string? RequestId, string? Reason)> request, Problem? problem) = await desk.ReadAsync(
            http, wrongPath, ParseReason, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        ReleaseHold command = new(number, request.Body.Reason) { RequestId = request.RequestId, Actor = request.Actor };
        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, account, command);
        return reply is Accepted { Event: HoldReleased released } accepted
            ? new Answer<ReleaseResponse>(ReleaseResponse.From(account, accepted, released), ApiJson.Default.ReleaseResponse)
            : problem ?? Problem.From(reply!, time);
    }

    private static Results<Answer<CaptureResponse>, Problem> Captured(CaptureResponse response) =>
        new Answer<CaptureResponse>(response, ApiJson.Default.CaptureResponse);

    private static Problem? WrongPath(string account, string hold, out long number)
    {
        bool isNumber = Bounds.TryNumber(hold, out number);
        return !Bounds.IsAccount(account) ? Bounds.BadAccount()
            : !isNumber ? Problem.Invalid("hold", "'hold' must be the number of a hold.")
            : null;
    }
}
