using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// A customer's workspaces: names under which it spends, each with caps of its own. Any key may look, one that always spends in one
/// workspace at that one. To make one or set its caps, a key needs the scope 'workspaces' and must not be bound to one itself.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class WorkspaceRoutes(IGrains grains, TimeProvider time)
{
    /// <summary>The scope of keys that set caps.</summary>
    public const string Scope = "workspaces";

    private static readonly BodyParser<SetWorkspace> Parse = AccountBody.Workspace;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; customers.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        // With the request alone it would be taken for a plain request delegate, and its result for nothing.
        routes.MapGet("/workspaces", Task<Results<Answer<WorkspacesResponse>, Problem>> (HttpContext http, CancellationToken _) => this.ListAsync(http));
        routes.MapGet("/workspaces/{workspace}", this.GetAsync);
        routes.MapPut("/workspaces/{workspace}", this.SetAsync).Needs(Scope);
    }

    /// <summary>What is wrong with a workspace's name, or null.</summary>
    /// <param name="workspace">From the path.</param>
    public static Problem? Wrong(string workspace) => Bounds.IsName(workspace)
        ? null
        : Problem.Invalid("workspace", $"'workspace' must have 1 to {Bounds.Name} bytes of UTF-8, without control characters.");

    private async Task<Results<Answer<WorkspacesResponse>, Problem>> ListAsync(HttpContext http)
    {
        (WorkspaceResponse[]? workspaces, Problem? problem) = await this.ReadAsync(http);
        return workspaces is null
            ? problem!
            : new Answer<WorkspacesResponse>(new WorkspacesResponse(http.Caller().Account, workspaces), ApiJson.Default.WorkspacesResponse).Tagged();
    }

    private async Task<Results<Answer<WorkspaceResponse>, Problem>> GetAsync(HttpContext http, string workspace)
    {
        if (Wrong(workspace) is { } wrong)
        {
            return wrong;
        }

        (WorkspaceResponse[]? workspaces, Problem? problem) = await this.ReadAsync(http);
        return workspaces is null ? problem!
            : Array.Find(workspaces, w => w.Workspace == workspace) is { } found ? new Answer<WorkspaceResponse>(found, ApiJson.Default.WorkspaceResponse).Tagged()
            : Problem.From(new Denied(Outcome.WorkspaceNotFound), time);
    }

    private async Task<Results<Answer<ChangeResponse>, Problem>> SetAsync(HttpContext http, string workspace)
    {
        if (Wrong(workspace) is { } badName)
        {
            return badName;
        }

        (SetWorkspace? body, Problem? problem) = await Body.ReadAsync(http, Parse);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        (string account, string key) = (http.Caller().Account, http.Caller().Key.Key);
        SetWorkspace command = body! with { Workspace = workspace, RequestId = requestId, Actor = key, Maker = key };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted accepted
            ? new Answer<ChangeResponse>(
                new ChangeResponse(account, accepted.Seq, new Moment(accepted.AtNanos), accepted.Replayed ? true : null), ApiJson.Default.ChangeResponse)
            : Problem.From(reply, time);
    }

    // Those that the caller's key reaches.
    private async ValueTask<(WorkspaceResponse[]? Workspaces, Problem? Problem)> ReadAsync(HttpContext http)
    {
        Reply reply = await grains.AskAsync(GrainId.Account(http.Caller().Account), new GetAccount(), http.RequestAborted);
        string? bound = http.Caller().Workspace;
        return reply is AccountView view
            ? ([.. view.Workspaces.Where(w => bound is null || w.Workspace == bound).Select(WorkspaceResponse.From)], null)
            : (null, Problem.From(reply, time));
    }
}
