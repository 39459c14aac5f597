using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>What the members of bodies hold. A name means the same wherever it stands; where it does not, the body's form says so.</summary>
internal static class Members
{
    private const string Key = "The public id of a key: the part of it before the secret.";

    /// <summary>Money caps; each may be missing.</summary>
    public static readonly Member[] Caps =
    [
        Member.Money("daily", "The most per local day of the account."),
        Member.Money("monthly", "The most per billing month of the account."),
        Member.Money("total", "The most for ever."),
    ];

    private static readonly Member[] Rates =
    [
        Member.Integer("perMinute", 1, Bounds.Rate, "The most requests in any minute."),
        Member.Integer("perDay", 1, Bounds.Rate, "The most requests per local day of the account."),
    ];

    private static readonly Dictionary<string, Member> All = new Member[]
    {
        Member.Text("requestId", Command.MaxRequestIdBytes, "Makes the request safe to repeat: under the same id the first answer comes again. The same as the header Idempotency-Key.") with { Pattern = "^[!-~]([ -~]*[!-~])?$" },
        Account("id", "The account's id."),
        Account("account", "The account that spends; send it or the customer's 'key'."),
        Member.Text("currency", 3, "An ISO 4217 code, such as USD. It never changes.") with { Pattern = "^[A-Z]{3}$" },
        Member.Text("zone", Bounds.Name, "An IANA time zone, such as Europe/Berlin: days and months begin in it.") with { Default = "\"UTC\"" },
        Member.Integer("anchorDay", 1, 31, "The day of the month on which billing months begin; in shorter months, the last one.") with { Default = "1" },
        Member.Money("creditLimit", "How far below 0 the available credit may go."),
        Member.Text("tier", Bounds.Name, "A tier of the configuration, or any name where 'quotas' is sent."),
        Member.Word("mode", "Live, or test: a test account has keys that show it.", "live", "test"),
        new Member("quotas", Microsoft.OpenApi.JsonSchemaType.Object, "The most per billing month, by meter; null is unlimited.")
        {
            Each = Member.Integer("", 0, Money.MaxTotalNanos, "") with { Type = Microsoft.OpenApi.JsonSchemaType.Integer | Microsoft.OpenApi.JsonSchemaType.Null },
            MaxItems = Bounds.Meters,
        },
        Member.Word("kind", "What the credit is. 'adjustment', 'payment_refund' and 'dispute' may be negative.", "topup", "bonus", "refund", "adjustment", "payment_refund", "dispute"),
        Member.Money("amount", "The amount; without it, the price of 'model' or 'endpoint' counts."),
        Member.Integer("priority", 0, 100, "Grants with a lower number are spent first.") with { Default = "50" },
        Member.Moment("expiresAt", "When it ends."),
        Member.Text("reference", Bounds.Reference, "The vendor's own reference, such as an invoice's number."),
        Member.Text("reason", Bounds.Sentence, "Why; it stands in the audit."),
        Member.Money("balance", "What the balance is to be.", "-1000000000"),
        Member.Money("dailyCap", "The most that may be spent per local day; left out, no cap."),
        Member.Money("monthlyCap", "The most that may be spent per billing month; left out, no cap."),
        Member.Money("lowBalance", "Below this available credit an alert is due; left out, none.", "-1000000000"),
        Member.Text("meter", Bounds.Name, "What is counted.") with { Default = "\"api_request\"" },
        Member.Integer("quantity", 0, Bounds.Quantity, "How much of the meter.") with { Default = "1" },
        new Member("caps", Microsoft.OpenApi.JsonSchemaType.Object, "Money caps.") { Members = Caps },
        new Member("rates", Microsoft.OpenApi.JsonSchemaType.Object, "How many requests may be made.") { Members = Rates },
        Member.Text("name", Bounds.Name, "A name for people."),
        Member.Text("email", Bounds.Sentence, "Where to write to."),
        Member.Word("type", "An internal key is recorded and not charged.", "standard", "internal") with { Default = "\"standard\"" },
        Member.Texts("scopes", Bounds.Scopes, Bounds.Name, "What the key may do; '*' stands for everything, 'api:*' for all that begins so."),
        Member.Texts("addresses", Bounds.Addresses, Bounds.IpAddress + 4, "The addresses and ranges (CIDR) that the key may be used from; none is any."),
        new Member("metadata", Microsoft.OpenApi.JsonSchemaType.Object, "The vendor's own texts.") { Each = Member.Text("", Bounds.Sentence, ""), MaxItems = Bounds.Metadata },
        Member.Text("prefix", Keys.ApiKey.MaxPrefixLength, "What the key begins with, such as sk_, tb_prod_ or pp_live-."),
        Member.Integer("graceSeconds", 0, Bounds.MaxGraceSeconds, "How long the old key goes on, in seconds.") with { Default = "86400" },
        Member.Text("workspace", Bounds.Name, "The workspace that is spent in."),
        Member.Text("key", Bounds.Sentence, "The customer's whole key."),
        Member.Text("keyId", Bounds.Name, Key),
        Member.Text("address", Bounds.IpAddress, "The address that the customer's request came from, held against the key's allow list."),
        Member.Text("scope", Bounds.Name, "A scope that the customer's key must have."),
        Member.Integer("ttlSeconds", Bounds.MinTtlSeconds, Bounds.MaxTtlSeconds, "How long the hold stays, in seconds."),
        Member.Flag("final", "Whether what is left of the hold is given back.") with { Default = "true" },
        Member.Text("model", Bounds.Reference, "The model; together with tokens it has a price."),
        Tokens("inputTokens", "Tokens that were sent and not read from a cache."),
        Tokens("outputTokens", "Tokens that were made, without those of reasoning."),
        Tokens("cachedTokens", "Tokens that were sent and read from a cache."),
        Tokens("reasoningTokens", "Tokens that were spent on reasoning."),
        Member.Text("endpoint", Bounds.Sentence, "The vendor's endpoint; it may have a price per request."),
        Member.Text("method", Bounds.Method, "The HTTP method of the customer's request."),
        Member.Text("session", Bounds.Reference, "A session of the customer."),
        Member.Text("source", Bounds.Name, "Where the request came from."),
        Member.Integer("durationMs", 0, Bounds.Quantity, "How long the customer's request took, in milliseconds."),
        Member.Integer("status", 0, 999, "The HTTP status that the customer got."),
        Member.Text("outcome", Bounds.Name, "What came of the customer's request, in the vendor's words."),
        Member.Text("silo", Bounds.Name, "The name of a silo, as GET /admin/cluster says it."),
    }.ToDictionary(static m => m.Name, StringComparer.Ordinal);

    private static readonly Member Items = new("items", Microsoft.OpenApi.JsonSchemaType.Array, "The requests, each as for POST /v1/verify.")
    {
        Each = new Member("", Microsoft.OpenApi.JsonSchemaType.Object, "") { Members = [.. Operations.Spend.Select(static name => All[name])] },
        MaxItems = Bounds.BatchItems,
    };

    /// <summary>What a member holds.</summary>
    /// <param name="name">Its name.</param>
    public static Member Of(string name) => name == Items.Name ? Items : All.TryGetValue(name, out Member? member)
        ? member
        : throw new KeyNotFoundException($"Nothing is said of the member '{name}'.");

    /// <summary>What a member holds, or null where nothing is said of it.</summary>
    /// <param name="name">Its name.</param>
    public static Member? Find(string name) => All.GetValueOrDefault(name);

    private static Member Account(string name, string description) => Member.Text(name, Bounds.Account, description) with { Pattern = "^[A-Za-z0-9._:@-]+$" };

    private static Member Tokens(string name, string description) => Member.Integer(name, 0, Bounds.Quantity, description);
}
