using OrleansBilling.ApiHost.Json;

namespace OrleansBilling.ApiHost.OpenApi;

/// <content>Workspaces, and the prices.</content>
internal static partial class Operations
{
    private static Operation[] Workspaces =>
    [
        new("GET", "/v1/workspaces", "listWorkspaces", "Lists the account's workspaces with their caps, by name") { Answer = typeof(WorkspacesResponse), Tagged = true },
        new("GET", "/v1/workspaces/{workspace}", "getWorkspace", "Shows one workspace") { Answer = typeof(WorkspaceResponse), Tagged = true, Refusals = [400, 404] },
        new("PUT", "/v1/workspaces/{workspace}", "setOwnWorkspace", "Makes a workspace, or sets its caps")
        {
            Description = "All of its caps: one that is left out is taken away. What was spent stays spent. A key that is bound to a workspace sets none.",
            Body = new Form(["requestId", "caps", "reason"], """{"caps":{"daily":5,"monthly":50},"reason":"a new team"}"""),
            Answer = typeof(ChangeResponse),
            Refusals = [400, 409, 422],
        },
    ];

    private static Operation[] Pricing =>
    [
        new("GET", "/admin/pricing", "getPricing", "Shows the prices in force, and which versions there are") { Answer = typeof(PricingResponse), Tagged = true },
        new("GET", "/admin/pricing/{version}", "getPricingVersion", "Shows one version of the prices")
        {
            Description = "Charges name the version that priced them; versions stay for ever.",
            Answer = typeof(PricingResponse),
            Tagged = true,
            Refusals = [400, 404],
        },
    ];
}
