using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansBilling.ApiHost.Http;

/// <summary>
/// Reads the parameters of an address. The first mistake is kept; one that the route does not have is one, so that a mistyped
/// filter is not taken for none.
/// </summary>
/// <param name="http">The request.</param>
internal sealed class Query(HttpContext http)
{
    private readonly List<string> known = [];
    private Problem? wrong;

    /// <summary>A text, or null.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="maxBytes">Bytes of UTF-8 it may have; at least one.</param>
    public string? Text(string name, int maxBytes)
    {
        string? text = this.Take(name);
        if (text is not null && (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > maxBytes || text.Any(static c => char.IsControl(c) || char.IsSurrogate(c))))
        {
            this.Fail(name, $"'{name}' must have 1 to {maxBytes} bytes of UTF-8, without control characters.");
            return null;
        }

        return text;
    }

    /// <summary>One of the given words, or null.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="words">The words.</param>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        string? text = this.Take(name);
        if (text is not null && !words.Contains(text))
        {
            this.Fail(name, $"'{name}' must be one of {string.Join(", ", words!)}.");
            return null;
        }

        return text;
    }

    /// <summary>A whole number from 1 on.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="max">The largest.</param>
    /// <param name="usual">What it is where it is not given.</param>
    public long Number(string name, long max, long usual) => this.Number(name, max) ?? usual;

    /// <summary>A whole number from 1 on, or null.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="max">The largest.</param>
    public long? Number(string name, long max)
    {
        string? text = this.Take(name);
        if (text is null)
        {
            return null;
        }

        if (Bounds.TryNumber(text, out long number) && number <= max)
        {
            return number;
        }

        this.Fail(name, string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number from 1 to {max}."));
        return null;
    }

    /// <summary>A moment in nanos since the Unix epoch, or null: ISO 8601 in UTC, ending in Z; or a day, which is its start in UTC.</summary>
    /// <param name="name">The parameter.</param>
    public long? Moment(string name)
    {
        string? text = this.Take(name);
        if (text is null)
        {
            return null;
        }

        string[] forms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ"];
        if (DateTime.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime moment)
            && moment.Year is >= 1970 and <= 2200)
        {
            return (moment - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        }

        this.Fail(name, $"'{name}' must be a moment in UTC such as 2030-01-31T00:00:00Z.");
        return null;
    }

    /// <summary>The workspace that is asked for, or null for all: of a key that always spends in one, that one.</summary>
    /// <param name="bound">The caller's own, or null where it reaches all.</param>
    public string? Workspace(string? bound)
    {
        string? asked = this.Text("workspace", Bounds.Name);
        if (bound is not null && asked is not null && asked != bound)
        {
            this.Fail("workspace", $"The key reaches the workspace '{bound}' only; name that one, or none.");
        }

        return bound ?? asked;
    }

    /// <summary>Refuses the request for a mistake that the route itself has found.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="detail">What was wrong, and what to send instead.</param>
    public void Fail(string name, string detail) => this.wrong ??= Problem.Invalid(name, detail);

    /// <summary>The first mistake, or null. To be asked last.</summary>
    public Problem? End()
    {
        foreach (string name in http.Request.Query.Keys)
        {
            if (!this.known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                this.Fail(name, $"'{name}' is not a parameter of this address; it has {string.Join(", ", this.known)}.");
            }
        }

        return this.wrong;
    }

    private string? Take(string name)
    {
        this.known.Add(name);
        StringValues given = http.Request.Query[name];
        if (given.Count > 1)
        {
            this.Fail(name, $"'{name}' stands {given.Count} times; send it once.");
        }

        return given.Count == 1 ? given[0] : null;
    }
}
