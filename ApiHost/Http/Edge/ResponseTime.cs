using System.Diagnostics;
using System.Globalization;

namespace OrleansBilling.ApiHost.Http.Edge;

/// <summary>Says in a header how long the host took, in milliseconds.</summary>
internal static class ResponseTime
{
    /// <summary>The header's name.</summary>
    public const string Header = "X-Response-Time";

    /// <summary>Wraps the rest of the pipeline.</summary>
    /// <param name="next">The rest.</param>
    public static RequestDelegate Wrap(RequestDelegate next) => async http =>
    {
        long began = Stopwatch.GetTimestamp();
        await next(http);

        // Answers are small and leave when the request ends; only long ones, such as CSV, are under way by now.
        if (!http.Response.HasStarted)
        {
            http.Response.Headers[Header] = Stopwatch.GetElapsedTime(began).TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture);
        }
    };
}
