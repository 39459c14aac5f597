using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Requests;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>A service's request, up to its command.</summary>
/// <typeparam name="T">What its body is.</typeparam>
/// <param name="Guard">Whether the service may ask, to be read with the command.</param>
/// <param name="Actor">The id of the service's key.</param>
/// <param name="Body">What was sent.</param>
/// <param name="RequestId">The caller's id, checked, or null.</param>
internal readonly record struct ServiceRequest<T>(Guard Guard, string Actor, T Body, string? RequestId);

/// <summary>
/// Takes the requests of services: the check of the service's own key and the command that it asks for are one wait. Who may not
/// ask is told that, before anything about what was asked.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="gate">Admits services.</param>
/// <param name="uses">Is told of services' keys that are let through.</param>
/// <param name="denials">Keeps refusals, to be explained.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class ServiceDesk(IGrains grains, Gate gate, KeyUseLog uses, RecentDenials denials, TimeProvider time)
{
    /// <summary>Reads a request.</summary>
    /// <typeparam name="T">What its body is.</typeparam>
    /// <param name="http">The request.</param>
    /// <param name="wrongPath">What is wrong with its address, or null.</param>
    /// <param name="parse">Reads the body.</param>
    /// <param name="requestIdOf">The body's request id.</param>
    /// <param name="maxBytes">The most bytes that the body may have.</param>
    /// <returns>The request, where there is no problem.</returns>
    public async ValueTask<(ServiceRequest<T> Request, Problem? Problem)> ReadAsync<T>(
        HttpContext http, Problem? wrongPath, BodyParser<T> parse, Func<T, string?> requestIdOf, int maxBytes = Body.MaxBytes)
    {
        (Guard? guard, string? actor, Problem? problem) = await gate.GuardServiceAsync(http);
        if (guard is null)
        {
            return (default, problem);
        }

        (T? body, problem) = wrongPath is null ? await Body.ReadAsync(http, parse, maxBytes) : (default, wrongPath);
        problem = RequestIds.Take(http, problem, problem is null ? requestIdOf(body!) : null, out string? requestId);
        return problem is null
            ? (new ServiceRequest<T>(guard, actor!, body!, requestId), null)
            : (default, await this.RefuseAsync(http, problem));
    }

    /// <summary>Has the command decided.</summary>
    /// <param name="http">The request.</param>
    /// <param name="guard">From <see cref="ReadAsync"/>.</param>
    /// <param name="account">The account that decides.</param>
    /// <param name="command">The command.</param>
    /// <returns>The reply, where there is no problem.</returns>
    public async ValueTask<(Reply? Reply, Problem? Problem)> AskAsync(HttpContext http, Guard guard, string account, Command command)
    {
        Reply? reply = (await grains.AskAsync(guard, GrainId.Account(account), command, http.RequestAborted)).Reply;
        if (reply is null)
        {
            return (null, await this.RefuseAsync(http, null));
        }

        uses.Mark(Gate.SystemAccount, command.Actor);
        this.Keep(account, command, reply);
        return (reply, null);
    }

    /// <summary>Has commands decided in their order, for a service that was admitted.</summary>
    /// <param name="account">The account that decides.</param>
    /// <param name="commands">The commands.</param>
    /// <param name="ct">The caller gave up.</param>
    /// <returns>The replies, in the same order.</returns>
    public async ValueTask<Reply[]> AskInOrderAsync(string account, IReadOnlyList<Command> commands, CancellationToken ct)
    {
        Reply[] replies = await grains.AskInOrderAsync(GrainId.Account(account), commands, ct);
        for (int i = 0; i < replies.Length; i++)
        {
            this.Keep(account, commands[i], replies[i]);
        }

        return replies;
    }

    /// <summary>What is wrong with the caller, or else with the request, or null.</summary>
    /// <param name="http">The request.</param>
    /// <param name="problem">What is wrong with the request, or null.</param>
    public async ValueTask<Problem?> FindFaultAsync(HttpContext http, Problem? problem) => (await gate.AdmitAsync(http, Audience.Vendor, VendorScopes.Service)).Problem ?? problem;

    /// <summary>Refuses a request for what is wrong with the caller, or else with the request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="problem">What is wrong with the request, or null where only the caller can be at fault.</param>
    public async ValueTask<Problem> RefuseAsync(HttpContext http, Problem? problem) =>
        await this.FindFaultAsync(http, problem)

        // The service's key became good between two looks: asking again will do.
        ?? Problem.From(new Denied(Outcome.Unavailable), time);

    private void Keep(string account, Command command, Reply reply)
    {
        if (reply is Denied denied && !OutcomeMap.IsHostFailure(denied.Outcome) && denied.Outcome != Outcome.IdempotencyMismatch)
        {
            denials.Add(account, command, denied);
        }
    }
}
