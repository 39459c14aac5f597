using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using OrleansBilling.ApiHost.Json;

namespace OrleansBilling.ApiHost.Http;

/// <summary>Makes a value of a body's members; mistakes go to the reader.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="body">The reader, before the first member.</param>
internal delegate T BodyParser<out T>(ref BodyReader body);

/// <summary>Reads request bodies whole: they are small, and strictness needs all of one.</summary>
internal static class Body
{
    /// <summary>The most bytes that a body may have.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The most bytes of a body that holds many requests.</summary>
    public const int MaxBatchBytes = 1024 * 1024;

    /// <summary>Reads and parses the body; an absent one counts as an object without members.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="http">The request.</param>
    /// <param name="parse">Reads the members.</param>
    /// <param name="maxBytes">The most bytes that it may have.</param>
    /// <returns>The value, or the problem.</returns>
    public static async ValueTask<(T? Value, Problem? Problem)> ReadAsync<T>(HttpContext http, BodyParser<T> parse, int maxBytes = MaxBytes)
    {
        if (maxBytes > MaxBytes && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxBytes;
        }

        PipeReader reader = http.Request.BodyReader;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(http.RequestAborted);
                if (result.Buffer.Length > maxBytes)
                {
                    return (default, TooLarge(maxBytes));
                }

                if (!result.IsCompleted)
                {
                    reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                (T? Value, Problem? Problem) parsed = result.Buffer.IsEmpty || IsJson(http.Request.ContentType)
                    ? Parse(result.Buffer, parse)
                    : (default, NotJson());
                reader.AdvanceTo(result.Buffer.End);
                return parsed;
            }
        }
        catch (BadHttpRequestException e)
        {
            return (default, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(maxBytes) : Problem.Of(ProblemKind.BadRequest with { Status = e.StatusCode }));
        }
    }

    private static (T? Value, Problem? Problem) Parse<T>(in ReadOnlySequence<byte> bytes, BodyParser<T> parse)
    {
        ReadOnlySpan<byte> whole = bytes.IsEmpty ? "{}"u8 : bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray();
        BodyReader body = new(whole);
        T value = parse(ref body);
        body.End();
        return body.Error is { } error ? (default, Problem.From(error)) : (value, null);
    }

    private static bool IsJson(string? contentType)
    {
        if (contentType is null)
        {
            return false;
        }

        int end = contentType.IndexOf(';', StringComparison.Ordinal);
        ReadOnlySpan<char> media = contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (end < 0 || contentType.AsSpan(end + 1).Trim().Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase));
    }

    private static Problem TooLarge(int maxBytes) =>
        Problem.Of(ProblemKind.BodyTooLarge, $"A body may have at most {maxBytes} bytes.");

    private static Problem NotJson() => Problem.Of(
        ProblemKind.UnsupportedMediaType, "Send it with the header 'Content-Type: application/json', in UTF-8.");
}
