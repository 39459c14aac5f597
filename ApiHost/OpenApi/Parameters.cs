using Microsoft.OpenApi;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>The parameters of addresses: those in the path by name, and those after the question mark by route and name.</summary>
internal static class Parameters
{
    private static readonly Dictionary<string, (Member Member, string Example)> InPath = new(StringComparer.Ordinal)
    {
        ["account"] = (Members.Of("id"), "acme"),
        ["keyId"] = (Members.Of("keyId"), "3kTq0000000000000000"),
        ["charge"] = (Member.Integer("charge", 1, long.MaxValue, "The number of a charge, from the answer to it."), "4"),
        ["hold"] = (Member.Integer("hold", 1, long.MaxValue, "The number of a hold, from the answer to it."), "5"),
        ["workspace"] = (Members.Of("workspace"), "lab"),
        ["requestId"] = (Members.Of("requestId"), "order-1"),
        ["version"] = (Member.Text("version", Bounds.Name, "The number of a version of the prices."), "1"),
        ["name"] = (Members.Of("silo"), "silo-1"),
        ["kind"] = (Member.Word("kind", "What kind of grain.", "account", "key"), "account"),
        ["key"] = (Member.Text("key", Bounds.Name, "The grain's key: the id of an account or of a key."), "acme"),
    };

    private static readonly Member Tag = Member.Text("If-None-Match", Bounds.Sentence, "The ETag of an earlier answer: where that is still so, it is not sent again (304).");

    private static readonly Dictionary<string, Member> InQuery = new Member[]
    {
        Member.Integer("cursor", 1, long.MaxValue, "The 'nextCursor' of the page before.") with { Type = JsonSchemaType.String, Min = null, Max = null },
        Member.Integer("limit", 1, TransactionReader.MaxLimit, "How many at most; of CSV, any number.") with { Default = "50" },
        Member.Moment("from", "From this moment on: UTC, or a day such as 2030-01-31."),
        Member.Moment("until", "Before this moment."),
        Member.Word("format", "CSV has the whole statement, 'limit' entries at most.", "json", "csv") with { Default = "\"json\"" },
        Member.Word("kind", "Entries of this kind only.", "charge", "capture", "reversal", "expiry", "topup", "bonus", "refund", "adjustment", "payment_refund", "dispute"),
        Member.Text("keyId", Bounds.Name, "What this key spent only."),
        Member.Text("workspace", Bounds.Name, "What was spent in this workspace only."),
        Member.Text("meter", Bounds.Name, "Charges of this meter only."),
        Member.Text("reference", Bounds.Reference, "Entries with this reference only."),
        Member.Moment("at", "What the balance was at this moment; send it or 'entry'."),
        Member.Integer("entry", 1, long.MaxValue, "What the balance was after this entry of the journal."),
        Member.Text("prefix", Bounds.Account, "Accounts whose id begins so."),
        Member.Word("status", "Accounts with this status only.", "active", "suspended", "closed"),
        Member.Text("tier", Bounds.Name, "Accounts of this tier only."),
        Member.Text("account", Bounds.Account, "What was done to this account only."),
        Member.Text("actor", Bounds.Name, "What the key with this id did only."),
        Member.Word("interval", "How long each period is.", "hour", "day", "month") with { Default = "\"day\"" },
        Member.Word("group", "What each period is split by; left out, by nothing.", "meter", "endpoint", "model", "key", "workspace"),
        Member.Text("model", Bounds.Reference, "What was used of this model only."),
        Member.Text("endpoint", Bounds.Sentence, "What was used of this endpoint only."),
        Member.Integer("top", 1, StatisticsReader.MaxTop, "How many accounts, models and endpoints at most, of each currency and mode.") with { Default = "10" },
        Member.Text("what", Bounds.Name, "Events of this type only, such as credit_posted."),
    }.ToDictionary(static m => m.Name, StringComparer.Ordinal);

    /// <summary>All parameters of a route.</summary>
    /// <param name="operation">The route.</param>
    public static IEnumerable<IOpenApiParameter> Of(Operation operation)
    {
        foreach (string part in operation.Path.Split('/'))
        {
            if (part.StartsWith('{'))
            {
                string name = part.Trim('{', '}');
                (Member member, string example) = InPath[name];
                yield return Parameter(name, ParameterLocation.Path, member, example);
            }
        }

        foreach (string name in operation.Query)
        {
            yield return Parameter(name, ParameterLocation.Query, InQuery[name], null);
        }

        if (operation.Tagged)
        {
            yield return Parameter("If-None-Match", ParameterLocation.Header, Tag, null);
        }

        if (operation.Body?.Members.Contains("requestId") == true)
        {
            yield return Parameter(RequestIds.Header, ParameterLocation.Header, Members.Of("requestId"), null);
        }
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation where, Member member, string? example) => new()
    {
        Name = name,
        In = where,
        Required = where == ParameterLocation.Path,
        Description = member.Description,
        Schema = (member with { Description = "" }).ToSchema(),
        Example = example,
    };
}
