using System.Globalization;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Whom a route is for.</summary>
internal enum For
{
    /// <summary>Anybody.</summary>
    All,

    /// <summary>A customer, for its own account, which the key alone says.</summary>
    Customer,

    /// <summary>The vendor.</summary>
    Vendor,
}

/// <summary>One route.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Pattern">The route as it is mapped.</param>
/// <param name="Audience">Whom it is for.</param>
/// <param name="Scope">The scope that it needs, or null.</param>
/// <param name="Body">A body that it takes, with <c>KEY</c> for a customer's whole key.</param>
internal sealed record RouteRow(string Method, string Pattern, For Audience, string? Scope = null, string? Body = null)
{
    /// <summary>Every route there is. One that is mapped and not here, or the other way round, fails <see cref="GuardTests"/>.</summary>
    public static IReadOnlyList<RouteRow> All { get; } =
    [
        new("GET", "/openapi.json", For.All),
        new("GET", "/health/live", For.All),
        new("GET", "/health/ready", For.All),

        new("POST", "/v1/verify", For.Vendor, "service", """{"key":"KEY"}"""),
        new("POST", "/v1/verify/batch", For.Vendor, "service", """{"items":[{"key":"KEY"}]}"""),
        new("POST", "/v1/charges", For.Vendor, "service", """{"account":"acme","amount":0.1}"""),
        new("POST", "/v1/charges/{account}/{charge}/reversals", For.Vendor, "service", "{}"),
        new("POST", "/v1/holds", For.Vendor, "service", """{"account":"acme","amount":0.1,"ttlSeconds":60}"""),
        new("POST", "/v1/holds/{account}/{hold}/extend", For.Vendor, "service", """{"ttlSeconds":60}"""),
        new("POST", "/v1/holds/{account}/{hold}/capture", For.Vendor, "service", """{"amount":0.1}"""),
        new("POST", "/v1/holds/{account}/{hold}/release", For.Vendor, "service", "{}"),

        new("GET", "/v1/wallet", For.Customer),
        new("GET", "/v1/balance", For.Customer),
        new("GET", "/v1/transactions", For.Customer),
        new("GET", "/v1/usage", For.Customer),
        new("GET", "/v1/usage/analytics", For.Customer),
        new("GET", "/v1/requests/{**requestId}", For.Customer),
        new("GET", "/v1/keys", For.Customer),
        new("POST", "/v1/keys", For.Customer, "keys", "{}"),
        new("GET", "/v1/keys/{keyId}", For.Customer),
        new("PATCH", "/v1/keys/{keyId}", For.Customer, "keys", """{"name":"mine now"}"""),
        new("POST", "/v1/keys/{keyId}/rotate", For.Customer, "keys", "{}"),
        new("DELETE", "/v1/keys/{keyId}", For.Customer, "keys"),

        new("GET", "/v1/workspaces", For.Customer),
        new("GET", "/v1/workspaces/{workspace}", For.Customer),
        new("PUT", "/v1/workspaces/{workspace}", For.Customer, "workspaces", "{}"),

        new("GET", "/admin/accounts", For.Vendor, "read"),
        new("POST", "/admin/accounts", For.Vendor, "accounts", """{"id":"new","currency":"EUR"}"""),
        new("GET", "/admin/accounts/{account}", For.Vendor, "read"),
        new("POST", "/admin/accounts/{account}/credits", For.Vendor, "credit", """{"kind":"bonus","amount":1}"""),
        new("GET", "/admin/accounts/{account}/balance", For.Vendor, "read"),
        new("PUT", "/admin/accounts/{account}/balance", For.Vendor, "credit", """{"balance":10}"""),
        new("POST", "/admin/accounts/{account}/charges/{charge}/reversals", For.Vendor, "credit", "{}"),
        new("PUT", "/admin/accounts/{account}/limits", For.Vendor, "credit", "{}"),
        new("PUT", "/admin/accounts/{account}/tier", For.Vendor, "accounts", """{"tier":"gold","quotas":{}}"""),
        new("PUT", "/admin/accounts/{account}/zone", For.Vendor, "accounts", """{"zone":"Asia/Tokyo"}"""),
        new("POST", "/admin/accounts/{account}/quota/reset", For.Vendor, "credit", """{"reason":"a gesture"}"""),
        new("PUT", "/admin/accounts/{account}/workspaces/{workspace}", For.Vendor, "accounts", "{}"),
        new("POST", "/admin/accounts/{account}/suspend", For.Vendor, "accounts", """{"reason":"late"}"""),
        new("POST", "/admin/accounts/{account}/resume", For.Vendor, "accounts", """{"reason":"paid"}"""),
        new("POST", "/admin/accounts/{account}/close", For.Vendor, "accounts", """{"reason":"left"}"""),
        new("GET", "/admin/accounts/{account}/transactions", For.Vendor, "read"),
        new("GET", "/admin/accounts/{account}/usage", For.Vendor, "read"),
        new("GET", "/admin/accounts/{account}/usage/analytics", For.Vendor, "read"),
        new("GET", "/admin/statistics", For.Vendor, "read"),
        new("GET", "/admin/accounts/{account}/requests/{**requestId}", For.Vendor, "read"),
        new("GET", "/admin/accounts/{account}/keys", For.Vendor, "read"),
        new("POST", "/admin/accounts/{account}/keys", For.Vendor, "keys", "{}"),
        new("GET", "/admin/accounts/{account}/keys/{keyId}", For.Vendor, "read"),
        new("PATCH", "/admin/accounts/{account}/keys/{keyId}", For.Vendor, "keys", "{}"),
        new("POST", "/admin/accounts/{account}/keys/{keyId}/rotate", For.Vendor, "keys", "{}"),
        new("DELETE", "/admin/accounts/{account}/keys/{keyId}", For.Vendor, "keys"),
        new("GET", "/admin/accounts/{account}/profile", For.Vendor, "read"),
        new("PUT", "/admin/accounts/{account}/profile", For.Vendor, "accounts", """{"name":"Ada"}"""),
        new("DELETE", "/admin/accounts/{account}/profile", For.Vendor, "accounts"),
        new("GET", "/admin/audit", For.Vendor, "read"),
        new("GET", "/admin/pricing", For.Vendor, "read"),
        new("GET", "/admin/pricing/{version}", For.Vendor, "read"),
        new("GET", "/admin/cluster", For.Vendor, "cluster"),
        new("POST", "/admin/cluster/silos/{name}/drain", For.Vendor, "cluster", "{}"),
        new("GET", "/admin/grains/{kind}/{key}", For.Vendor, "cluster"),
        new("POST", "/admin/grains/{kind}/{key}/deactivate", For.Vendor, "cluster", "{}"),
        new("POST", "/admin/grains/{kind}/{key}/move", For.Vendor, "cluster", """{"silo":"x"}"""),
    ];

    /// <summary>Whether it changes something.</summary>
    public bool Changes => this.Method != "GET";

    /// <summary>What the table and the host's routes are compared by.</summary>
    public string Name => $"{this.Method} {this.Pattern}";

    /// <summary>An address of this route.</summary>
    /// <param name="account">The account.</param>
    /// <param name="keyId">The public id of a key of it.</param>
    /// <param name="requestId">The id of a request of it.</param>
    /// <param name="entry">The number of a charge or hold of it.</param>
    public string Path(string account, string keyId = "x", string requestId = "r-1", long entry = 1) => this.Pattern
        .Replace("{account}", account, StringComparison.Ordinal)
        .Replace("{keyId}", keyId, StringComparison.Ordinal)
        .Replace("{**requestId}", requestId, StringComparison.Ordinal)
        .Replace("{charge}", entry.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{hold}", entry.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{workspace}", "lab", StringComparison.Ordinal)
        .Replace("{version}", "1", StringComparison.Ordinal)
        .Replace("{name}", "x", StringComparison.Ordinal)
        .Replace("{kind}", "account", StringComparison.Ordinal)
        .Replace("{key}", account, StringComparison.Ordinal);
}
