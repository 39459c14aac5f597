using System.Text.Json.Serialization.Metadata;

namespace OrleansBilling.ApiHost.Http;

/// <summary>A typed result: a JSON body under a status of success.</summary>
/// <typeparam name="T">The body's type.</typeparam>
/// <param name="value">The body.</param>
/// <param name="info">How it is written.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class Answer<T>(T value, JsonTypeInfo<T> info, int status = StatusCodes.Status200OK) : IResult, IStatusCodeHttpResult, IValueHttpResult<T>
{
    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <inheritdoc/>
    public T? Value => value;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => JsonOut.WriteAsync(httpContext, status, "application/json", value, info);
}
