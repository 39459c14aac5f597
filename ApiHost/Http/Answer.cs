using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace OrleansBilling.ApiHost.Http;

/// <summary>A typed result: a JSON body under a status of success.</summary>
/// <typeparam name="T">The body's type.</typeparam>
/// <param name="value">The body.</param>
/// <param name="info">How it is written.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class Answer<T>(T value, JsonTypeInfo<T> info, int status = StatusCodes.Status200OK) : IResult, IStatusCodeHttpResult, IValueHttpResult<T>
{
    private EntityTagHeaderValue? tag;

    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <inheritdoc/>
    public T? Value => value;

    /// <summary>The same answer with a strong ETag: who has these very bytes already (<c>If-None-Match</c>, RFC 9110) is told so, and not sent them again.</summary>
    public Answer<T> Tagged()
    {
        this.tag = JsonOut.TagOf(value, info, isWeak: false);
        return this;
    }

    /// <summary>The same answer with a weak ETag, of an answer that differs from moment to moment in what nobody compares.</summary>
    /// <param name="compared">The body without that.</param>
    public Answer<T> Tagged(T compared)
    {
        this.tag = JsonOut.TagOf(compared, info, isWeak: true);
        return this;
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (this.tag is null)
        {
            return JsonOut.WriteAsync(httpContext, status, "application/json", value, info);
        }

        // Whoever keeps it asks again each time: it is one caller's, and may have changed.
        IHeaderDictionary headers = httpContext.Response.Headers;
        headers.ETag = this.tag.ToString();
        headers.CacheControl = "private, no-cache";
        if (!httpContext.Request.GetTypedHeaders().IfNoneMatch.Any(this.IsThis))
        {
            return JsonOut.WriteAsync(httpContext, status, "application/json", value, info);
        }

        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private bool IsThis(EntityTagHeaderValue asked) => asked.Equals(EntityTagHeaderValue.Any) || asked.Compare(this.tag, useStrongComparison: false);
}
