using OrleansBilling.ApiHost.Json;

namespace OrleansBilling.ApiHost.OpenApi;

/// <content>What services and customers call.</content>
internal static partial class Operations
{
    private static string[] Usage =>
    [
        "model", "inputTokens", "outputTokens", "cachedTokens", "reasoningTokens", "endpoint", "method", "session", "source", "durationMs", "status", "outcome",
    ];

    internal static string[] Spend => [.. Usage, "requestId", "key", "amount", "meter", "quantity", "workspace", "address", "scope"];

    private static string[] Statement => ["cursor", "format", "limit", "from", "until", "kind", "keyId", "workspace", "meter", "reference"];

    private static string[] Analysis => ["from", "until", "interval", "group", "keyId", "workspace", "meter", "model", "endpoint", "format", "limit", "cursor"];

    private static Form Reason => new(["requestId", "reason"], """{"reason":"asked for by the customer"}""");

    private static Operation[] Spending =>
    [
        new("POST", "/v1/verify", "verify", "Proves a key, checks every limit and charges, in one step")
        {
            Description = "200 with 'allowed' and a 'code', whatever the key and its account decided; a problem only where the request itself is wrong or the host cannot decide. Without an amount, model or endpoint nothing is charged.",
            Body = new Form(Spend, """{"key":"{key}","model":"demo-small","inputTokens":1200,"outputTokens":300,"requestId":"order-1"}""") { Required = ["key"] },
            Answer = typeof(VerifyResponse),
            Refusals = [400, 409, 422],
        },
        new("POST", "/v1/verify/batch", "verifyBatch", "Verifies up to 1,000 requests at once")
        {
            Description = "Each item is decided by itself and has its own outcome; items of one account are decided in their order, accounts beside each other. A mistake in any item, and nothing is decided. Items without an id of their own get one made of the Idempotency-Key and their place.",
            Body = new Form(["requestId", "items"], """{"items":[{"key":"{key}","model":"demo-small","inputTokens":1200,"outputTokens":300,"requestId":"order-11"},{"key":"{key}","amount":1000000}]}""") { Required = ["items"] },
            Answer = typeof(BatchResponse),
            Refusals = [400, 413, 422],
        },
        new("POST", "/v1/charges", "charge", "Charges an account or key")
        {
            Body = new Form([.. Spend, "account", "keyId"], """{"account":"acme","amount":0.25,"meter":"data_access","quantity":2,"requestId":"order-2"}"""),
            Answer = typeof(ChargeResponse),
            Refusals = [400, 402, 404, 409, 422, 429],
        },
        new("POST", "/v1/charges/{account}/{charge}/reversals", "reverseCharge", "Undoes a charge, whole or in part")
        {
            Description = "Restores the balance, the grants that were spent, and the counters of windows that are still open. Without an amount, all that is left of the charge.",
            Body = Reversal("""{"amount":0.10,"reason":"half of it failed","requestId":"undo-2"}"""),
            Answer = typeof(ReversalResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/v1/holds", "authorize", "Sets credit aside before the cost is known")
        {
            Body = new Form([.. Spend, "account", "keyId", "ttlSeconds"], """{"account":"acme","amount":2.00,"ttlSeconds":600,"requestId":"order-3"}""") { Required = ["ttlSeconds"] },
            Answer = typeof(HoldResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 402, 404, 409, 422, 429],
        },
        new("POST", "/v1/holds/{account}/{hold}/extend", "extendHold", "Lets a hold stay longer")
        {
            Body = new Form(["requestId", "ttlSeconds"], """{"ttlSeconds":900,"requestId":"more-3"}""") { Required = ["ttlSeconds"] },
            Answer = typeof(ExtensionResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/v1/holds/{account}/{hold}/capture", "captureHold", "Charges what a hold was for")
        {
            Description = "At the prices of the time of the hold. After its end it is a new charge, which may be refused.",
            Body = new Form([.. Usage, "requestId", "amount", "final"], """{"amount":1.25,"final":false,"requestId":"take-3"}"""),
            Answer = typeof(CaptureResponse),
            Refusals = [400, 402, 404, 409, 422, 429],
        },
        new("POST", "/v1/holds/{account}/{hold}/release", "releaseHold", "Gives back what is left of a hold")
        {
            Body = Reason,
            Answer = typeof(ReleaseResponse),
            Refusals = [400, 404, 409, 422],
        },
    ];

    private static Operation[] Wallet =>
    [
        new("GET", "/v1/wallet", "getWallet", "Shows balance, limits, grants and holds") { Answer = typeof(WalletResponse), Tagged = true },
        new("GET", "/v1/balance", "getBalance", "Shows the balance, now or in the past")
        {
            Query = ["at", "entry"],
            Answer = typeof(BalanceResponse),
            Refusals = [400, 404],
        },
        new("GET", "/v1/transactions", "listTransactions", "Lists what changed the balance, newest first")
        {
            Query = Statement,
            Answer = typeof(TransactionsResponse),
            Csv = true,
            Refusals = [400],
        },
        new("GET", "/v1/usage", "getUsage", "Shows what is used of the day and month that run, by meter and key, and the limits")
        {
            Description = "Limits and 'spent' are exact at 'at'. The rest is sums over the journal, complete up to 'asOf'; usually that is the moment of the question.",
            Answer = typeof(UsageResponse),
        },
        new("GET", "/v1/usage/analytics", "analyzeUsage", "Shows what was used over time, by hour, day or month")
        {
            Description = "Sums over the journal, complete up to 'asOf'. Days and months are those of the account's zone, hours those of UTC. 'from' and 'until' are widened to whole periods; periods without any use are left out. A reversal counts when it was made. Of CSV, 'value' is what 'group' says.",
            Query = Analysis,
            Answer = typeof(AnalyticsResponse),
            Csv = true,
            Refusals = [400],
        },
        new("GET", "/v1/requests/{requestId}", "explainRequest", "Explains a past request")
        {
            Description = "What it was charged, under which prices, what was checked with which values. Refusals are kept for some hours, by the host that gave them.",
            Answer = typeof(RequestResponse),
            Refusals = [400, 404],
        },
    ];

    private static Operation[] Keys =>
    [
        new("GET", "/v1/keys", "listKeys", "Lists the account's keys, oldest first") { Answer = typeof(KeysResponse), Tagged = true },
        new("POST", "/v1/keys", "createKey", "Makes a key")
        {
            Description = "The whole key is in this answer only.",
            Body = NewKey("""{"name":"build server","scopes":["api:read"],"rates":{"perMinute":60}}"""),
            Answer = typeof(NewKeyResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 409, 422],
        },
        new("GET", "/v1/keys/{keyId}", "getKey", "Shows one key") { Answer = typeof(KeyResponse), Tagged = true, Refusals = [400, 404] },
        new("PATCH", "/v1/keys/{keyId}", "updateKey", "Changes a key, as RFC 7396 merges")
        {
            Body = ChangedKey("""{"name":"old build server","rates":{"perMinute":30}}"""),
            Answer = typeof(ChangedKeyResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/v1/keys/{keyId}/rotate", "rotateKey", "Makes a key that takes this one's place")
        {
            Description = "The old one ends by itself after its time of grace. No credit is copied: credit belongs to the account.",
            Body = Rotation,
            Answer = typeof(NewKeyResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 404, 409, 422],
        },
        new("DELETE", "/v1/keys/{keyId}", "revokeKey", "Revokes a key, at once")
        {
            Body = Reason,
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
    ];

    private static Form Reversal(string example) => new(["requestId", "amount", "reason"], example)
    {
        Instead = [Member.Money("amount", "How much; left out, all that is left.", "0.000000001")],
    };

    private static Form Rotation => new(["requestId", "graceSeconds", "reason"], """{"graceSeconds":3600}""");

    private static Form NewKey(string example) =>
        new(["requestId", "name", "type", "mode", "scopes", "expiresAt", "workspace", "caps", "rates", "addresses", "metadata", "prefix", "reason"], example);

    private static Form ChangedKey(string example) =>
        new(["requestId", "name", "scopes", "expiresAt", "workspace", "caps", "rates", "addresses", "metadata", "reason"], example) { Merge = true };
}
