using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>One HTTP answer, with its body as it came.</summary>
internal sealed record Answered(HttpStatusCode Status, string Text, string? ContentType, TimeSpan? RetryAfter)
{
    /// <summary>How long an answer is waited for: a guard against one that never comes, however slow the machine is.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(5);

    public JsonElement Json => JsonDocument.Parse(this.Text).RootElement;

    /// <summary>Sends one request with a key and a JSON body.</summary>
    public static Task<Answered> SendAsync(HttpClient client, HttpMethod method, string path, string? body, string? key, string? requestId = null)
    {
        HttpRequestMessage request = new(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        }

        if (requestId is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", requestId);
        }

        return SendAsync(client, request);
    }

    /// <summary>Sends one request.</summary>
    public static async Task<Answered> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answered(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Content.Headers.ContentType?.ToString(),
            response.Headers.RetryAfter?.Delta);
    }

    /// <summary>A member as its JSON text, for example <c>9.89692</c> or <c>"accepted"</c>; <c>-</c> where it is not there. Dots go deeper.</summary>
    public string this[string path]
    {
        get
        {
            JsonElement at = this.Json;
            foreach (string part in path.Split('.'))
            {
                if (at.ValueKind == JsonValueKind.Array)
                {
                    at = at[int.Parse(part, CultureInfo.InvariantCulture)];
                }
                else if (!at.TryGetProperty(part, out at))
                {
                    return "-";
                }
            }

            return at.GetRawText();
        }
    }

    public string Code => this.Member("code");

    public string Field => this.Member("field");

    public string Member(string name) => this.Json.TryGetProperty(name, out JsonElement value) ? value.ToString() : "-";

    public Answered Expect(HttpStatusCode status)
    {
        Assert.True(this.Status == status, $"Expected {(int)status}, got {(int)this.Status}: {this.Text}");
        return this;
    }

    /// <summary>Expects problem details in the form of RFC 9457.</summary>
    public Answered ExpectProblem(HttpStatusCode status, string code, string? field = null)
    {
        this.Expect(status);
        Assert.Equal("application/problem+json", this.ContentType);
        Assert.Equal(code, this.Code);
        Assert.Equal((int)status, this.Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(this.Member("title"));
        Assert.Equal("urn:orleans-billing:problem:" + code, this.Member("type"));
        if (field is not null)
        {
            Assert.Equal(field, this.Field);
        }

        return this;
    }
}
