namespace OrleansBilling.ApiHost.Http;

/// <summary>Whatever no route answered or foresaw leaves as problem details, without a word of what is inside.</summary>
/// <param name="log">Where the exception goes.</param>
internal sealed class ErrorGuard(ILogger<ErrorGuard> log)
{
    /// <summary>Wraps the rest of the pipeline.</summary>
    /// <param name="next">The rest.</param>
    public RequestDelegate Wrap(RequestDelegate next) => async http =>
    {
        Problem? problem = null;
        try
        {
            await next(http);
            HttpResponse response = http.Response;
            if (response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null })
            {
                problem = Unanswered(response.StatusCode);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is left to answer.
            http.Abort();
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            problem = Problem.Of(ProblemKind.BadRequest with { Status = e.StatusCode });
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            log.RequestFailed(http.Request.Method, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, http.TraceIdentifier, e);
            http.Response.Clear();
            problem = Problem.Of(ProblemKind.InternalError, $"Tell the operator of request {http.TraceIdentifier}: under that the log has it.");
        }

        if (problem is not null)
        {
            await problem.ExecuteAsync(http);
        }
    };

    private static Problem Unanswered(int status) => status switch
    {
        StatusCodes.Status404NotFound => Problem.Of(ProblemKind.RouteNotFound),
        StatusCodes.Status405MethodNotAllowed => Problem.Of(ProblemKind.MethodNotAllowed),
        _ => Problem.Of(ProblemKind.RequestRefused with { Status = status }),
    };
}
