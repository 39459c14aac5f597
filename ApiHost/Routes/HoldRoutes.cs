using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Holds: authorize, extend, capture, release.</summary>
/// <param name="grains">The grains.</param>
/// <param name="prover">Proves the customer's key.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class HoldRoutes(IGrains grains, KeyProver prover, TimeProvider time)
{
    private static readonly BodyParser<SpendBody> ParseHold = SpendBody.Hold;
    private static readonly BodyParser<ExtendHold> ParseExtension = AmountBody.Extension;
    private static readonly BodyParser<CaptureHold> ParseCapture = AmountBody.Capture;
    private static readonly BodyParser<(string? RequestId, string? Reason)> ParseReason = AmountBody.Reason;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; services only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/holds", this.AuthorizeAsync);
        routes.MapPost("/holds/{account}/{hold}/extend", this.ExtendAsync);
        routes.MapPost("/holds/{account}/{hold}/capture", this.CaptureAsync);
        routes.MapPost("/holds/{account}/{hold}/release", this.ReleaseAsync);
    }

    private async Task<Results<Answer<HoldResponse>, Problem>> AuthorizeAsync(HttpContext http, CancellationToken ct)
    {
        (SpendBody? body, Problem? problem) = await Body.ReadAsync(http, ParseHold);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        (string? account, string? keyId, problem) = await prover.SpenderAsync(body!, time, ct);
        if (problem is not null)
        {
            return problem;
        }

        Authorize command = new()
        {
            RequestId = requestId,
            Actor = http.Caller().Key.Key,
            AmountNanos = body!.AmountNanos,
            Meter = body.Meter,
            Quantity = body.Quantity,
            Key = keyId,
            Workspace = body.Workspace,
            Usage = body.Usage,
            TtlNanos = body.TtlNanos,
        };
        Reply reply = await grains.AskAsync(GrainId.Account(account!), command, ct);
        return reply is Accepted { Event: HoldPlaced placed } accepted
            ? new Answer<HoldResponse>(HoldResponse.From(account!, accepted, placed), ApiJson.Default.HoldResponse, StatusCodes.Status201Created)
            : Problem.From(reply, time);
    }

    private async Task<Results<Answer<ExtensionResponse>, Problem>> ExtendAsync(HttpContext http, string account, string hold)
    {
        (ExtendHold? body, long number, Problem? problem) = await ReadAsync(http, account, hold, ParseExtension);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        ExtendHold command = body! with { Hold = number, RequestId = requestId, Actor = http.Caller().Key.Key };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted { Event: HoldExtended e } accepted
            ? new Answer<ExtensionResponse>(
                new ExtensionResponse(account, e.Hold, new Moment(e.ExpiresAtNanos), new Moment(accepted.AtNanos), accepted.Replayed ? true : null),
                ApiJson.Default.ExtensionResponse)
            : Problem.From(reply, time);
    }

    private async Task<Results<Answer<CaptureResponse>, Problem>> CaptureAsync(HttpContext http, string account, string hold)
    {
        (CaptureHold? body, long number, Problem? problem) = await ReadAsync(http, account, hold, ParseCapture);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        CaptureHold command = body! with { Hold = number, RequestId = requestId, Actor = http.Caller().Key.Key };
        return await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted) switch
        {
            Accepted { Event: HoldCaptured captured } accepted => Captured(CaptureResponse.From(account, accepted, captured)),
            Accepted { Event: Charged late } accepted => Captured(CaptureResponse.From(account, accepted, late)),
            Reply refused => Problem.From(refused, time),
        };
    }

    private async Task<Results<Answer<ReleaseResponse>, Problem>> ReleaseAsync(HttpContext http, string account, string hold)
    {
        ((string? RequestId, string? Reason) body, long number, Problem? problem) = await ReadAsync(http, account, hold, ParseReason);
        if (RequestIds.Take(http, problem, body.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        ReleaseHold command = new(number, body.Reason) { RequestId = requestId, Actor = http.Caller().Key.Key };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted { Event: HoldReleased released } accepted
            ? new Answer<ReleaseResponse>(ReleaseResponse.From(account, accepted, released), ApiJson.Default.ReleaseResponse)
            : Problem.From(reply, time);
    }

    private static Results<Answer<CaptureResponse>, Problem> Captured(CaptureResponse response) =>
        new Answer<CaptureResponse>(response, ApiJson.Default.CaptureResponse);

    private static async ValueTask<(T? Body, long Hold, Problem? Problem)> ReadAsync<T>(HttpContext http, string account, string hold, BodyParser<T> parse)
    {
        if (!Bounds.IsAccount(account))
        {
            return (default, 0, Bounds.BadAccount());
        }

        if (!Bounds.TryNumber(hold, out long number))
        {
            return (default, 0, Problem.Invalid("hold", "'hold' must be the number of a hold."));
        }

        (T? body, Problem? problem) = await Body.ReadAsync(http, parse);
        return (body, number, problem);
    }
}
