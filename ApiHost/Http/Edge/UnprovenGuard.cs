using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Http.Edge;

/// <summary>
/// Refuses an address that has made too many requests without a good key, before anything is looked up for it. A key whose proof
/// is in memory passes all the same.
/// </summary>
/// <param name="limit">How many it may make.</param>
/// <param name="prover">Knows good keys.</param>
internal sealed class UnprovenGuard(UnprovenLimit limit, KeyProver prover)
{
    /// <summary>Wraps the rest of the pipeline.</summary>
    /// <param name="next">The rest.</param>
    public RequestDelegate Wrap(RequestDelegate next) => async http =>
    {
        int wait = limit.SecondsToWait(http.Connection.RemoteIpAddress);
        if (wait > 0 && !EdgePipeline.IsHealth(http) && !prover.IsKnown(Gate.Presented(http.Request.Headers)))
        {
            await Problem.Of(ProblemKind.TooManyBadKeys, "Wait, and send a valid key; requests with one are not counted.", wait).ExecuteAsync(http);
            return;
        }

        await next(http);
        if ((http.GetEndpoint() is null || http.Response.StatusCode == StatusCodes.Status401Unauthorized) && !EdgePipeline.IsHealth(http))
        {
            limit.Count(http.Connection.RemoteIpAddress);
        }
    };
}
