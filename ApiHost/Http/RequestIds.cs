using Microsoft.Extensions.Primitives;
using OrleansBilling.ApiHost.Json;

namespace OrleansBilling.ApiHost.Http;

/// <summary>The caller's idempotency id: the header <c>Idempotency-Key</c> or the member <c>requestId</c>.</summary>
internal static class RequestIds
{
    /// <summary>The header's name.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The member's name.</summary>
    public const string Member = "requestId";

    /// <summary>What an id must be; follows the field's name.</summary>
    public static string Rule { get; } =
        $"must have 1 to {Command.MaxRequestIdBytes} printable ASCII characters, no blank at either end, and may not start with '{Command.SystemRequestIdStart}'";

    /// <summary>Takes the request's id; both may be given where they are the same.</summary>
    /// <param name="http">The request.</param>
    /// <param name="before">What was wrong with the request before, or null; it comes first.</param>
    /// <param name="member">The body's member, or null.</param>
    /// <param name="requestId">The id, or null where there is none.</param>
    /// <returns>What is wrong, or null.</returns>
    public static Problem? Take(HttpContext http, Problem? before, string? member, out string? requestId)
    {
        if (before is not null)
        {
            requestId = null;
            return before;
        }

        StringValues header = http.Request.Headers[Header];
        requestId = member ?? header.ToString();
        if (header.Count == 0 && member is null)
        {
            requestId = null;
            return null;
        }

        string field = header.Count > 0 ? Header : Member;
        if (header.Count > 1 || (header.Count == 1 && member is not null && header[0] != member))
        {
            return Problem.Invalid(Header, $"'{Header}' and '{Member}' differ, or the header stands twice; send one id.");
        }

        return Bounds.IsRequestId(requestId)
            ? null
            : Problem.Invalid(field, $"'{field}' {Rule}.");
    }

    /// <summary>Reads the member <c>requestId</c>; what it may hold is checked by <see cref="Take"/>.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static string? Read(ref BodyReader body) => body.Text(Command.MaxRequestIdBytes);
}
