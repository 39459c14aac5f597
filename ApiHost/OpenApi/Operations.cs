using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Routes;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>Every route of the API. A test compares this list with what is mapped.</summary>
internal static partial class Operations
{
    private const string Vendor = "a key of the account 'system'";
    private const string Customer = "the customer's own key";

    /// <summary>The groups, in order.</summary>
    public static readonly (string Name, string Description)[] Tags =
    [
        ("Spending", "For the vendor's services: prove a key, check its limits, charge."),
        ("Wallet", "For customers: their own account."),
        ("Keys", "For customers: their own keys. A key never makes or changes one that may do more than itself."),
        ("Workspaces", "For customers: names under which their account spends, each with caps. A key that is bound to one sees no other."),
        ("Accounts", "For operators: every account."),
        ("Account keys", "For operators: the keys of every account. Those of 'system' are the operators' and services' own."),
        ("Prices", "For operators: what is charged. Prices are configured."),
        ("Cluster", "For operators: where grains live."),
        ("Health", "For load balancers."),
    ];

    /// <summary>Every route.</summary>
    public static IReadOnlyList<Operation> All { get; } =
    [
        .. Group("Spending", Vendor, Spending, VendorScopes.Service, VendorScopes.Service),
        .. Group("Wallet", Customer, Wallet),
        .. Group("Keys", Customer, Keys, null, OwnKeyRoutes.Scope),
        .. Group("Workspaces", Customer, Workspaces, null, WorkspaceRoutes.Scope),
        .. Group("Accounts", Vendor, Accounts, VendorScopes.Read, VendorScopes.Accounts),
        .. Group("Account keys", Vendor, AccountKeys, VendorScopes.Read, VendorScopes.Keys),
        .. Group("Prices", Vendor, Pricing, VendorScopes.Read),
        .. Group("Cluster", Vendor, Machines, VendorScopes.Cluster, VendorScopes.Cluster),
        .. Group("Health", null, Health),
    ];

    private static Operation[] Health =>
    [
        new("GET", "/health/live", "isLive", "Says that the process lives") { Answer = typeof(Json.HealthResponse) },
        new("GET", "/health/ready", "isReady", "Says whether the host decides")
        {
            Answer = typeof(Json.HealthResponse),
            Description = "503 while it cannot: no database, a clock that is off, or a host that is stopping.",
            Refusals = [503],
        },
    ];

    // Those that look need one scope, those that change something another, but for what a route says itself.
    private static IEnumerable<Operation> Group(string tag, string? needs, Operation[] operations, string? toLook = null, string? toChange = null) =>
        operations.Select(o => o with { Tag = tag, Needs = needs, Scope = o.Scope ?? (o.Method == "GET" ? toLook : toChange) });
}
