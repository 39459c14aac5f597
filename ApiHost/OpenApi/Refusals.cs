using System.Text.Json.Nodes;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>What refusals look like in the API's document.</summary>
internal static class Refusals
{
    /// <summary>What a status says.</summary>
    /// <param name="status">The HTTP status.</param>
    public static string Describe(int status) => status switch
    {
        400 => "A field is not valid; nothing was decided.",
        401 => "No key, or one that proves nothing.",
        402 => "Credit or a cap does not allow it.",
        403 => "The key lacks a scope, is revoked or has expired; or the account is suspended.",
        404 => "There is no such thing.",
        409 => "It does not fit the state of things.",
        413 => "The body is too large.",
        422 => "The request id was used before with another body.",
        429 => "A rate or quota is used up; Retry-After says when to ask again.",
        503 => "The host cannot decide now; Retry-After says when to ask again.",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such refusal is described."),
    };

    /// <summary>A problem under a status.</summary>
    /// <param name="status">The HTTP status.</param>
    public static JsonNode Example(int status)
    {
        (string code, string title) = status switch
        {
            400 => (ProblemKind.Invalid.Code, ProblemKind.Invalid.Title),
            401 => (ProblemKind.KeyMissing.Code, ProblemKind.KeyMissing.Title),
            402 => Of(Outcome.InsufficientCredit),
            403 => Of(Outcome.ScopeMissing),
            404 => Of(Outcome.AccountNotFound),
            409 => Of(Outcome.TooMany),
            413 => (ProblemKind.BodyTooLarge.Code, ProblemKind.BodyTooLarge.Title),
            422 => Of(Outcome.IdempotencyMismatch),
            429 => Of(Outcome.KeyMinuteRateExceeded),
            _ => Of(Outcome.Unavailable),
        };
        return new JsonObject
        {
            ["type"] = ProblemKind.TypeOf(code),
            ["title"] = title,
            ["status"] = status,
            ["code"] = code,
        };
    }

    private static (string Code, string Title) Of(Outcome outcome)
    {
        OutcomeAnswer answer = OutcomeMap.Answer(outcome);
        return (answer.Code, answer.Title);
    }
}
