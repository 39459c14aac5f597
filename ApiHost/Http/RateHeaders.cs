using System.Globalization;
using System.Text;
using OrleansBilling.Account;

namespace OrleansBilling.ApiHost.Http;

/// <summary>
/// Tells of rates and quotas in headers: <c>RateLimit</c> and <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers) have
/// all that were checked, the <c>X-RateLimit-*</c> family the one of which the least is left. Money is not among them.
/// </summary>
internal static class RateHeaders
{
    private const string Minute = "key_rate_minute";
    private const int SecondsPerMinute = 60;

    /// <summary>The header that says whose request it was.</summary>
    public const string Account = "X-User-Id";

    /// <summary>Says whose request it was, and what is left of the rates and quotas that were checked for it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account that decided.</param>
    /// <param name="reply">What it decided, or null.</param>
    /// <param name="time">Says how far the ends of windows are.</param>
    public static void Write(HttpContext http, string account, Reply? reply, TimeProvider time)
    {
        http.Response.Headers[Account] = account;
        Write(http, LimitsOf(reply), time);
    }

    private static Limit[]? LimitsOf(Reply? reply) => reply switch
    {
        Accepted { Event: Charged charged } => charged.Checks,
        Accepted { Event: HoldPlaced placed } => placed.Checks,
        Accepted { Event: HoldCaptured captured } => captured.Checks,
        Denied { Limit: { } limit } => [limit],
        _ => null,
    };

    private static void Write(HttpContext http, Limit[]? limits, TimeProvider time)
    {
        if (limits is null || !Array.Exists(limits, IsRate))
        {
            return;
        }

        Limit? least = null;
        StringBuilder policy = new();
        StringBuilder state = new();
        foreach (Limit limit in limits)
        {
            if (!IsRate(limit))
            {
                continue;
            }

            least = least is null || Remaining(limit) < Remaining(least) ? limit : least;
            string next = policy.Length == 0 ? "" : ", ";
            policy.Append(CultureInfo.InvariantCulture, $"{next}\"{NameOf(limit)}\";q={limit.Max}");
            if (limit.Name == Minute)
            {
                policy.Append(CultureInfo.InvariantCulture, $";w={SecondsPerMinute}");
            }

            state.Append(CultureInfo.InvariantCulture, $"{next}\"{NameOf(limit)}\";r={Remaining(limit)};t={SecondsUntil(EndOf(limit, time), time)}");
        }

        IHeaderDictionary headers = http.Response.Headers;
        headers["RateLimit-Policy"] = policy.ToString();
        headers["RateLimit"] = state.ToString();
        headers["X-RateLimit-Limit"] = least!.Max.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Used"] = least.Used.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = Remaining(least).ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = (EndOf(least, time) / Money.NanosPerUnit).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Seconds from now to a moment, rounded up, at least 1.</summary>
    /// <param name="nanos">The moment, in nanos since the Unix epoch.</param>
    /// <param name="time">The clock.</param>
    public static int SecondsUntil(long nanos, TimeProvider time) =>
        (int)Math.Clamp((nanos - Now(time) + Money.NanosPerUnit - 1) / Money.NanosPerUnit, 1, int.MaxValue);

    // A sliding minute has no end; at the latest a minute from now all of it is free again.
    private static long EndOf(Limit limit, TimeProvider time) => limit.ResetsAtNanos > 0 ? limit.ResetsAtNanos : Now(time) + (SecondsPerMinute * Money.NanosPerUnit);

    private static long Now(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private static bool IsRate(Limit limit) => limit.Max >= 0 && !Json.LimitResponse.IsMoney(limit);

    private static long Remaining(Limit limit) => Math.Max(0, limit.Max - limit.Used);

    // A string of RFC 9651 holds printable ASCII only; a meter may be called anything.
    private static string NameOf(Limit limit) =>
        string.Concat(limit.Name.Select(static c => c is >= ' ' and <= '~' and not '"' and not '\\' ? c : '_'));
}
