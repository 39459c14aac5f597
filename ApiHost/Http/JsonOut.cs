using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace OrleansBilling.ApiHost.Http;

/// <summary>Writes whole JSON bodies with their length, so that small replies leave in one piece and without chunks.</summary>
internal static class JsonOut
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>Writes one value as the whole response.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="http">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="contentType">The media type.</param>
    /// <param name="value">The value.</param>
    /// <param name="info">How it is written.</param>
    public static Task WriteAsync<T>(HttpContext http, int status, string contentType, T value, JsonTypeInfo<T> info)
    {
        ArrayBufferWriter<byte> bytes = Write(value, info);
        HttpResponse response = http.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = bytes.WrittenCount;
        response.BodyWriter.Write(bytes.WrittenSpan);
        return Task.CompletedTask;
    }

    /// <summary>The ETag of a body: the start of the SHA-256 of its bytes.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="info">How it is written.</param>
    /// <param name="isWeak">Whether what is sent may differ from it.</param>
    public static EntityTagHeaderValue TagOf<T>(T value, JsonTypeInfo<T> info, bool isWeak) =>
        new($"\"{Convert.ToHexStringLower(SHA256.HashData(Write(value, info).WrittenSpan).AsSpan(0, 8))}\"", isWeak);

    // Good until the next one on this thread.
    private static ArrayBufferWriter<byte> Write<T>(T value, JsonTypeInfo<T> info)
    {
        ArrayBufferWriter<byte> bytes = buffer ??= new ArrayBufferWriter<byte>(1024);
        bytes.ResetWrittenCount();
        Utf8JsonWriter json = writer ??= new Utf8JsonWriter(bytes, Options);
        json.Reset(bytes);
        JsonSerializer.Serialize(json, value, info);
        json.Flush();
        return bytes;
    }
}
