using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.OpenApi;

/// <content>What operators call.</content>
internal static partial class Operations
{
    private static Operation[] Accounts =>
    [
        new("POST", "/admin/accounts", "openAccount", "Opens an account")
        {
            Body = new Form(
                ["requestId", "id", "currency", "zone", "anchorDay", "creditLimit", "tier", "mode", "quotas", "reason"],
                """{"id":"acme","currency":"USD","zone":"Europe/Berlin","quotas":{"api_request":100000}}""")
            {
                Required = ["id", "currency"],
            },
            Answer = typeof(OpenedResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 409, 422],
        },
        new("GET", "/admin/accounts", "listAccounts", "Lists accounts by id")
        {
            Query = ["prefix", "cursor", "status", "tier", "limit"],
            Answer = typeof(AccountsResponse),
            Refusals = [400],
        },
        new("GET", "/admin/accounts/{account}", "getAccount", "Shows all of an account") { Answer = typeof(AccountResponse), Tagged = true, Refusals = [400, 404] },
        new("POST", "/admin/accounts/{account}/credits", "postCredit", "Grants or takes credit")
        {
            Scope = VendorScopes.Credit,
            Body = new Form(
                ["requestId", "kind", "amount", "priority", "expiresAt", "reference", "reason"],
                """{"kind":"bonus","amount":5.00,"expiresAt":"2199-12-31T00:00:00Z","reason":"welcome","requestId":"welcome-acme"}""")
            {
                Required = ["kind", "amount"],
                Instead = [Member.Money("amount", "How much; negative takes away.", "-1000000000")],
            },
            Answer = typeof(CreditResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 404, 409, 422],
        },
        new("PUT", "/admin/accounts/{account}/balance", "setBalance", "Sets the balance, by an adjustment")
        {
            Scope = VendorScopes.Credit,
            Body = new Form(["requestId", "balance", "reason"], """{"balance":25.00,"reason":"moved from the old system"}""") { Required = ["balance"] },
            Answer = typeof(CreditResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("GET", "/admin/accounts/{account}/balance", "getAccountBalance", "Shows an account's balance, now or in the past")
        {
            Query = ["at", "entry"],
            Answer = typeof(BalanceResponse),
            Refusals = [400, 404],
        },
        new("GET", "/admin/accounts/{account}/transactions", "listAccountTransactions", "Lists what changed an account's balance, newest first")
        {
            Query = Statement,
            Answer = typeof(TransactionsResponse),
            Csv = true,
            Refusals = [400, 404],
        },
        new("GET", "/admin/accounts/{account}/usage", "getAccountUsage", "Shows what an account uses of the day and month that run")
        {
            Description = "As the customer sees it at /v1/usage.",
            Answer = typeof(UsageResponse),
            Refusals = [400, 404],
        },
        new("GET", "/admin/accounts/{account}/usage/analytics", "analyzeAccountUsage", "Shows what an account used over time, by hour, day or month")
        {
            Description = "As the customer sees it at /v1/usage/analytics.",
            Query = Analysis,
            Answer = typeof(AnalyticsResponse),
            Csv = true,
            Refusals = [400, 404],
        },
        new("GET", "/admin/statistics", "getStatistics", "Shows what all accounts come to, in all and over time, and those that spend most")
        {
            Description = "Sums over the journal, complete up to 'asOf', of all accounts but 'system'; each currency and mode for itself. Periods are those of UTC. The highest are by charges, reversed or not, of whole days of UTC; of each day the first 200 of a kind count.",
            Query = ["from", "until", "interval", "top"],
            Answer = typeof(StatisticsResponse),
            Refusals = [400],
        },
        new("GET", "/admin/accounts/{account}/requests/{requestId}", "explainAccountRequest", "Explains a past request of an account")
        {
            Answer = typeof(RequestResponse),
            Refusals = [400, 404],
        },
        new("POST", "/admin/accounts/{account}/charges/{charge}/reversals", "reverseAccountCharge", "Undoes a charge of an account, whole or in part")
        {
            Scope = VendorScopes.Credit,
            Description = "As a service does it, by an operator's word.",
            Body = Reversal("""{"amount":0.05,"reason":"the customer complained","requestId":"undo-more-2"}"""),
            Answer = typeof(ReversalResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("PUT", "/admin/accounts/{account}/limits", "setLimits", "Sets the credit limit and the caps")
        {
            Scope = VendorScopes.Credit,
            Description = "All of them: one that is left out is taken away.",
            Body = new Form(["requestId", "creditLimit", "dailyCap", "monthlyCap", "lowBalance", "reason"], """{"creditLimit":0,"dailyCap":100,"monthlyCap":1000,"lowBalance":5,"reason":"a new contract"}"""),
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("PUT", "/admin/accounts/{account}/tier", "setTier", "Moves an account to a tier")
        {
            Body = new Form(["requestId", "tier", "quotas", "reason"], """{"tier":"pro","quotas":{"api_request":1000000,"data_access":null}}""") { Required = ["tier"] },
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("PUT", "/admin/accounts/{account}/zone", "setZone", "Moves an account to another time zone")
        {
            Description = "The day and the month that run go on to their ends; those after them are the new zone's.",
            Body = new Form(["requestId", "zone", "reason"], """{"zone":"America/New_York","reason":"moved"}""") { Required = ["zone"] },
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/admin/accounts/{account}/quota/reset", "resetQuota", "Sets a quota's counter, or all, to 0")
        {
            Scope = VendorScopes.Credit,
            Body = new Form(["requestId", "meter", "reason"], """{"meter":"api_request","reason":"our outage"}""")
            {
                Instead = [Member.Text("meter", Http.Bounds.Name, "The meter; left out, all of them.")],
            },
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("PUT", "/admin/accounts/{account}/workspaces/{workspace}", "setWorkspace", "Makes a workspace, or sets its caps")
        {
            Body = new Form(["requestId", "caps", "reason"], """{"caps":{"monthly":50}}"""),
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/admin/accounts/{account}/suspend", "suspendAccount", "Suspends an account: it spends nothing more") { Body = Reason, Answer = typeof(ChangeResponse), Refusals = [400, 404, 409, 422] },
        new("POST", "/admin/accounts/{account}/resume", "resumeAccount", "Ends an account's suspension") { Body = Reason, Answer = typeof(ChangeResponse), Refusals = [400, 404, 409, 422] },
        new("POST", "/admin/accounts/{account}/close", "closeAccount", "Closes an account, for ever")
        {
            Description = "Only an account without credit, debt and open holds.",
            Body = Reason,
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("PUT", "/admin/accounts/{account}/profile", "setProfile", "Sets what is personal of an account")
        {
            Description = "All of it: what is left out is taken away. It stands beside the journal, and is gone once it is erased.",
            Body = new Form(["requestId", "name", "email", "metadata", "reason"], """{"name":"Ada Lovelace","email":"ada@example.com","metadata":{"language":"en"}}""")
            {
                Instead = [Member.Text("name", Http.Bounds.Sentence, "Whose account it is.")],
            },
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("GET", "/admin/accounts/{account}/profile", "getProfile", "Shows what is personal of an account") { Answer = typeof(ProfileResponse), Refusals = [400, 404] },
        new("DELETE", "/admin/accounts/{account}/profile", "eraseProfile", "Erases what is personal of an account, of a closed one too")
        {
            Description = "The audit keeps who did so and why, and nothing of what was erased.",
            Body = Reason,
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("GET", "/admin/audit", "listAudit", "Lists what was done to accounts, by whom and why, newest first")
        {
            Query = ["cursor", "account", "actor", "what", "from", "until", "limit"],
            Answer = typeof(AuditResponse),
            Refusals = [400],
        },
    ];

    private static Operation[] AccountKeys =>
    [
        new("GET", "/admin/accounts/{account}/keys", "listAccountKeys", "Lists an account's keys, oldest first") { Answer = typeof(KeysResponse), Tagged = true, Refusals = [400, 404] },
        new("POST", "/admin/accounts/{account}/keys", "createAccountKey", "Makes a key for an account")
        {
            Description = "The whole key is in this answer only.",
            Body = NewKey("""{"name":"production","prefix":"tb_prod_","scopes":["api:*"],"caps":{"daily":20},"addresses":["203.0.113.0/24"]}"""),
            Answer = typeof(NewKeyResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 404, 409, 422],
        },
        new("GET", "/admin/accounts/{account}/keys/{keyId}", "getAccountKey", "Shows one key of an account") { Answer = typeof(KeyResponse), Tagged = true, Refusals = [400, 404] },
        new("PATCH", "/admin/accounts/{account}/keys/{keyId}", "updateAccountKey", "Changes a key of an account, as RFC 7396 merges")
        {
            Body = ChangedKey("""{"expiresAt":"2199-12-31T00:00:00Z","metadata":{"team":"search"}}"""),
            Answer = typeof(ChangedKeyResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/admin/accounts/{account}/keys/{keyId}/rotate", "rotateAccountKey", "Makes a key that takes another's place")
        {
            Body = Rotation,
            Answer = typeof(NewKeyResponse),
            Status = StatusCodes.Status201Created,
            Refusals = [400, 404, 409, 422],
        },
        new("DELETE", "/admin/accounts/{account}/keys/{keyId}", "revokeAccountKey", "Revokes a key of an account, at once")
        {
            Body = Reason,
            Answer = typeof(ChangeResponse),
            Refusals = [400, 404, 409, 422],
        },
    ];

    private static Operation[] Machines =>
    [
        new("GET", "/admin/cluster", "getCluster", "Shows who hosts grains") { Answer = typeof(ClusterResponse) },
        new("POST", "/admin/cluster/silos/{name}/drain", "drainSilo", "Has a silo leave, its grains first")
        {
            Body = new Form(["requestId", "reason"], """{"reason":"new kernel"}"""),
            Answer = typeof(DrainResponse),
            Status = StatusCodes.Status202Accepted,
            Refusals = [400, 404, 409, 422],
        },
        new("GET", "/admin/grains/{kind}/{key}", "getGrain", "Shows a grain: where it lives, its state in short, its newest rows")
        {
            Answer = typeof(GrainResponse),
            Refusals = [400, 404],
        },
        new("POST", "/admin/grains/{kind}/{key}/deactivate", "deactivateGrain", "Puts a grain out of memory")
        {
            Body = new Form(["requestId", "reason"], """{"reason":"looks odd"}"""),
            Answer = typeof(PlacedResponse),
            Refusals = [400, 404, 409, 422],
        },
        new("POST", "/admin/grains/{kind}/{key}/move", "moveGrain", "Moves a grain to another silo")
        {
            Body = new Form(["requestId", "silo", "reason"], """{"silo":"silo-2","reason":"silo-1 is busy"}""") { Required = ["silo"] },
            Answer = typeof(PlacedResponse),
            Refusals = [400, 404, 409, 422],
        },
    ];
}
