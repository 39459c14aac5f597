using System.Globalization;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Http;

/// <summary>A refusal as RFC 9457 problem details, with a stable code and the numbers behind the decision.</summary>
internal sealed class Problem : IResult, IStatusCodeHttpResult
{
    private readonly int status;
    private readonly ProblemBody body;
    private readonly int retryAfterSeconds;

    private Problem(int status, string code, string title, string? detail = null, string? field = null, LimitResponse? limit = null, int retryAfterSeconds = 0, string? scope = null)
    {
        this.status = status;
        this.retryAfterSeconds = retryAfterSeconds;
        this.body = new ProblemBody(ProblemKind.TypeOf(code), title, status, code, detail, field, limit, scope);
    }

    /// <inheritdoc/>
    public int? StatusCode => this.status;

    /// <summary>What is written.</summary>
    public ProblemBody Body => this.body;

    /// <summary>The stable code.</summary>
    public string Code => this.body.Code;

    /// <summary>What a grain's refusal is over HTTP.</summary>
    /// <param name="reply">The reply of a command that was not accepted.</param>
    /// <param name="time">Says when a window that is used up will end.</param>
    public static Problem From(Reply reply, TimeProvider time)
    {
        OutcomeAnswer answer = OutcomeMap.Answer(reply.Outcome);
        Denied? denied = reply as Denied;
        int retry = answer.Status switch
        {
            StatusCodes.Status503ServiceUnavailable => 1,
            StatusCodes.Status429TooManyRequests => RateHeaders.SecondsUntil(denied?.Limit?.ResetsAtNanos ?? 0, time),
            _ => 0,
        };

        // What a failing host says of itself (addresses, roles, what the database answered) is for its operator, not for callers.
        string? detail = OutcomeMap.IsHostFailure(reply.Outcome) ? null : denied?.Detail;
        return new Problem(
            answer.Status, answer.Code, answer.Title, detail, FieldNames.ToJson(denied?.Field), LimitResponse.From(denied?.Limit), retry);
    }

    /// <summary>A request that could not be read.</summary>
    /// <param name="error">The first mistake.</param>
    public static Problem From(FieldError error) =>
        new(ProblemKind.Invalid.Status, error.Code, ProblemKind.Invalid.Title, error.Detail, error.Field);

    /// <summary>One field that is not valid.</summary>
    /// <param name="field">The field.</param>
    /// <param name="detail">What was wrong, and what to send instead.</param>
    public static Problem Invalid(string field, string detail) => From(new FieldError(FieldError.Invalid, field, detail));

    /// <summary>The key is good, but not for this.</summary>
    /// <param name="detail">What is missing.</param>
    public static Problem Forbidden(string detail) =>
        new(StatusCodes.Status403Forbidden, OutcomeMap.Answer(Outcome.ScopeMissing).Code, OutcomeMap.Answer(Outcome.ScopeMissing).Title, detail);

    /// <summary>The key is good, but lacks the scope that the route needs.</summary>
    /// <param name="scope">The scope.</param>
    public static Problem ScopeMissing(string scope) => new(
        StatusCodes.Status403Forbidden,
        OutcomeMap.Answer(Outcome.ScopeMissing).Code,
        OutcomeMap.Answer(Outcome.ScopeMissing).Title,
        scope == VendorScopes.Any ? $"This needs a key with the scope '{scope}'." : $"This needs a key with the scope '{scope}' or '{VendorScopes.Any}'.",
        scope: scope);

    /// <summary>Any other refusal that has nothing to do with a grain.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="detail">What to do about this one.</param>
    /// <param name="retryAfterSeconds">When to ask again; 0 where that would not help.</param>
    public static Problem Of(ProblemKind kind, string? detail = null, int retryAfterSeconds = 0) =>
        new(kind.Status, kind.Code, kind.Title, detail, retryAfterSeconds: retryAfterSeconds == 0 && kind.Status == 503 ? 1 : retryAfterSeconds);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (this.retryAfterSeconds > 0)
        {
            httpContext.Response.Headers.RetryAfter = this.retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (this.status == StatusCodes.Status401Unauthorized)
        {
            httpContext.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return JsonOut.WriteAsync(httpContext, this.status, "application/problem+json", this.body, ApiJson.Default.ProblemBody);
    }
}

/// <summary>Problem details as they are written.</summary>
/// <param name="Type">Names the kind of problem; it is not an address.</param>
/// <param name="Title">The same sentence for every occurrence.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">This occurrence.</param>
/// <param name="Field">The field that was wrong.</param>
/// <param name="Limit">The limit that refused it.</param>
/// <param name="Scope">The scope that the key lacks.</param>
internal sealed record ProblemBody(string Type, string Title, int Status, string Code, string? Detail, string? Field, LimitResponse? Limit, string? Scope);
