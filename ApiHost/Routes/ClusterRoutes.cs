using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Reads a grain's newest rows from the journal, the last one first.</summary>
/// <param name="grain">The grain.</param>
/// <param name="maxRows">How many at most.</param>
/// <param name="ct">Gives up.</param>
internal delegate Task<IReadOnlyList<JournalRow>> LastRows(GrainId grain, int maxRows, CancellationToken ct);

/// <summary>Where grains live, for operators.</summary>
/// <param name="cluster">Whoever hosts grains.</param>
/// <param name="grains">The grains.</param>
/// <param name="rows">Their rows.</param>
/// <param name="frontEnd">This process.</param>
/// <param name="time">For Retry-After.</param>
/// <param name="log">Where changes are told of.</param>
internal sealed class ClusterRoutes(
    ICluster cluster, IGrains grains, LastRows rows, FrontEndResponse frontEnd, TimeProvider time, ILogger<ClusterRoutes> log)
{
    private const int RowsShown = 20;

    private static readonly BodyParser<(string? RequestId, string? Silo, string? Reason)> ParseReason = ClusterBody.Reason;
    private static readonly BodyParser<(string? RequestId, string? Silo, string? Reason)> ParseMove = ClusterBody.Move;

    private readonly ClusterRecord record = new(grains, time);

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; operators of the machines only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/cluster", this.LookAsync).Needs(VendorScopes.Cluster);
        routes.MapPost("/cluster/silos/{name}/drain", this.DrainAsync).Needs(VendorScopes.Cluster);
        routes.MapGet("/grains/{kind}/{key}", this.GrainAsync).Needs(VendorScopes.Cluster);
        routes.MapPost("/grains/{kind}/{key}/deactivate", this.DeactivateAsync).Needs(VendorScopes.Cluster);
        routes.MapPost("/grains/{kind}/{key}/move", this.MoveAsync).Needs(VendorScopes.Cluster);
    }

    private async Task<Results<Answer<ClusterResponse>, Problem>> LookAsync(CancellationToken ct)
    {
        try
        {
            return new Answer<ClusterResponse>(ClusterResponse.From(await cluster.LookAsync(ct), frontEnd), ApiJson.Default.ClusterResponse);
        }
        catch (ClusterUnreachableException)
        {
            return Refusal(ClusterOutcome.NoAnswer);
        }
    }

    private async Task<Results<Answer<GrainResponse>, Problem>> GrainAsync(HttpContext http, string kind, string key, CancellationToken ct)
    {
        if (Parse(kind, key, out GrainId grain) is { } wrong)
        {
            return wrong;
        }

        try
        {
            // In this order: asking the grain brings it into memory.
            string? silo = await cluster.LocateAsync(grain, ct);
            Reply reply = await grains.AskAsync(grain, kind == GrainId.AccountKind ? new GetAccount() : new GetKeyProof(), ct);
            IReadOnlyList<JournalRow> newest = await rows(grain, RowsShown, ct);
            bool showMoney = VendorScopes.Allow(http.Caller().Key.Scopes, VendorScopes.Read);
            return newest.Count == 0 && reply.Outcome is Outcome.AccountNotFound or Outcome.KeyNotFound
                ? Problem.From(reply, time)
                : new Answer<GrainResponse>(GrainResponse.From(grain, silo, reply, newest, showMoney), ApiJson.Default.GrainResponse);
        }
        catch (ClusterUnreachableException)
        {
            return Refusal(ClusterOutcome.NoAnswer);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private async Task<Results<Answer<PlacedResponse>, Problem>> DeactivateAsync(HttpContext http, string kind, string key, CancellationToken ct)
    {
        if (Parse(kind, key, out GrainId grain) is { } wrong)
        {
            return wrong;
        }

        (ClusterOutcome outcome, _, Problem? problem) = await this.DoAsync(http, "deactivate", grain.Path, ParseReason, _ => cluster.DeactivateAsync(grain, ct));
        return problem is not null ? problem
            : outcome is ClusterOutcome.Done or ClusterOutcome.NotInMemory
            ? new Answer<PlacedResponse>(
                new PlacedResponse(grain.Path, outcome == ClusterOutcome.Done ? "deactivated" : "not_in_memory", null), ApiJson.Default.PlacedResponse)
            : Refusal(outcome);
    }

    private async Task<Results<Answer<PlacedResponse>, Problem>> MoveAsync(HttpContext http, string kind, string key, CancellationToken ct)
    {
        if (Parse(kind, key, out GrainId grain) is { } wrong)
        {
            return wrong;
        }

        (ClusterOutcome outcome, string? silo, Problem? problem) = await this.DoAsync(http, "move", grain.Path, ParseMove, to => cluster.MoveAsync(grain, to!, ct));
        return problem is not null ? problem
            : outcome == ClusterOutcome.Done
            ? new Answer<PlacedResponse>(new PlacedResponse(grain.Path, "moved", silo), ApiJson.Default.PlacedResponse)
            : Refusal(outcome, silo);
    }

    private async Task<Results<Answer<DrainResponse>, Problem>> DrainAsync(HttpContext http, string name, CancellationToken ct)
    {
        if (!Bounds.IsName(name))
        {
            return Problem.Invalid("name", "'name' must be the name of a silo, as GET /admin/cluster says it.");
        }

        (ClusterOutcome outcome, _, Problem? problem) = await this.DoAsync(http, "drain", name, ParseReason, _ => cluster.DrainAsync(name, ct));
        return problem is not null ? problem
            : outcome == ClusterOutcome.Done
            ? new Answer<DrainResponse>(new DrainResponse(name, "leaving"), ApiJson.Default.DrainResponse, StatusCodes.Status202Accepted)
            : Refusal(outcome, name);
    }

    private async Task<(ClusterOutcome Outcome, string? Silo, Problem? Problem)> DoAsync(
        HttpContext http, string what, string target, BodyParser<(string? RequestId, string? Silo, string? Reason)> parse, Func<string?, Task<ClusterOutcome>> change)
    {
        ((string? RequestId, string? Silo, string? Reason) body, Problem? problem) = await Body.ReadAsync(http, parse);
        if (Http.RequestIds.Take(http, problem, body.RequestId, out string? requestId) is { } wrong)
        {
            return (default, null, wrong);
        }

        string actor = http.Caller().Key.Key;
        AskClusterChange ask = new(what, target, body.Silo, body.Reason) { RequestId = requestId, Actor = actor };
        (ClusterOutcome outcome, problem) = await this.record.DoAsync(ask, () => change(body.Silo), http.RequestAborted);
        if (problem is null)
        {
            log.ClusterChange(actor, what, target, body.Silo, outcome, body.Reason);
        }

        return (outcome, body.Silo, problem);
    }

    private static Problem? Parse(string kind, string key, out GrainId grain)
    {
        grain = new GrainId($"{kind}/{key}");
        return kind switch
        {
            GrainId.AccountKind => Bounds.IsAccount(key) ? null : Problem.Invalid("key", $"'key' must be an account's id: 1 to {Bounds.Account} letters, digits or . _ - : @"),
            GrainId.KeyKind => Bounds.IsName(key) ? null : Problem.Invalid("key", "'key' must be the public id of a key."),
            _ => Problem.Of(
                ProblemKind.GrainKindNotFound, $"Kinds are '{GrainId.AccountKind}' and '{GrainId.KeyKind}'."),
        };
    }

    private static Problem Refusal(ClusterOutcome outcome, string? silo = null) => outcome switch
    {
        ClusterOutcome.NoCluster => Problem.Of(
            ProblemKind.NoCluster,
            "It knows of no other host to take them: have the load balancer lead its accounts elsewhere, then stop it (SIGTERM). With Billing:Engine=orleans there are silos to move grains between."),
        ClusterOutcome.HostNotFound => Problem.Of(
            ProblemKind.SiloNotFound, $"There is no silo '{silo}'; GET /admin/cluster has their names."),
        ClusterOutcome.HostNotActive => Problem.Of(
            ProblemKind.SiloNotActive, $"Silo '{silo}' is joining, leaving or dead."),
        ClusterOutcome.LastHost => Problem.Of(
            ProblemKind.LastSilo, $"Nobody would take the grains of '{silo}'. Start another silo first, or stop its process."),
        ClusterOutcome.GrainBusy => Problem.Of(
            ProblemKind.GrainBusy, "Repeat it when there is less to do for it."),
        ClusterOutcome.NoAnswer => Problem.Of(ProblemKind.ClusterUnanswered, "What was asked may be done; look, and repeat it."),
        ClusterOutcome.Done or ClusterOutcome.NotInMemory => throw new System.Diagnostics.UnreachableException(),
    };
}
