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
            problem = Problem.Other(e.StatusCode, "bad_request", "The request could not be read.");
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            log.RequestFailed(http.Request.Method, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, e);
            http.Response.Clear();
            problem = Problem.Other(StatusCodes.Status500InternalServerError, "internal_error", "The host failed; its log says why.");
        }

        if (problem is not null)
        {
            await problem.ExecuteAsync(http);
        }
    };

    private static Problem Unanswered(int status) => status switch
    {
        StatusCodes.Status404NotFound => Problem.Other(status, "route_not_found", "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => Problem.Other(status, "method_not_allowed", "This address does not take this method."),
        _ => Problem.Other(status, "request_refused", "The request was refused."),
    };
}
