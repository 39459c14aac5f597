using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// What is personal of an account. The account's chain says that it was set or erased, by whom and why, and never what it was: that
/// stands beside the journal. First the chain, then the profile; who was not answered repeats it, and both are done once.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="profiles">The profiles.</param>
/// <param name="pepper">Tells one profile from another without a trace of it.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class ProfileRoutes(IGrains grains, Profiles profiles, Pepper pepper, TimeProvider time)
{
    private static readonly BodyParser<(string? RequestId, Profile Profile, string? Reason)> Parse = Profile.Read;
    private static readonly BodyParser<(string? RequestId, string? Reason)> ParseReason = AmountBody.Reason;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/accounts/{account}/profile", this.GetAsync).Needs(VendorScopes.Read);
        routes.MapPut("/accounts/{account}/profile", this.SetAsync).Needs(VendorScopes.Accounts);
        routes.MapDelete("/accounts/{account}/profile", this.EraseAsync).Needs(VendorScopes.Accounts);
    }

    private async Task<Results<Answer<ProfileResponse>, Problem>> GetAsync(string account, CancellationToken ct)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        try
        {
            if (await profiles.ReadAsync(account, ct) is not { } stored)
            {
                return Problem.Of(ProblemKind.ProfileNotFound);
            }

            Profile profile = Profile.FromStored(stored.Data);
            return new Answer<ProfileResponse>(
                new ProfileResponse(account, profile.Name, profile.Email, profile.Metadata, new Moment(stored.ChangedAtNanos)), ApiJson.Default.ProfileResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private async Task<Results<Answer<ChangeResponse>, Problem>> SetAsync(HttpContext http, string account)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        ((string? RequestId, Profile Profile, string? Reason) body, Problem? problem) = await Body.ReadAsync(http, Parse);
        if (Http.RequestIds.Take(http, problem, body.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        string data = body.Profile.ToStored();
        return await this.WriteAsync(http, account, new SetProfile(pepper.DigestOf(data), body.Reason) { RequestId = requestId, Actor = http.Caller().Key.Key }, data);
    }

    private async Task<Results<Answer<ChangeResponse>, Problem>> EraseAsync(HttpContext http, string account)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        ((string? RequestId, string? Reason) body, Problem? problem) = await Body.ReadAsync(http, ParseReason);
        return Http.RequestIds.Take(http, problem, body.RequestId, out string? requestId) is { } wrong
            ? wrong
            : await this.WriteAsync(http, account, new EraseProfile(body.Reason) { RequestId = requestId, Actor = http.Caller().Key.Key }, null);
    }

    private async Task<Results<Answer<ChangeResponse>, Problem>> WriteAsync(HttpContext http, string account, AccountCommand command, string? data)
    {
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        if (reply is not Accepted accepted)
        {
            return Problem.From(reply, time);
        }

        try
        {
            // Not to be given up halfway: it is on record.
            await profiles.WriteAsync(account, accepted.Seq, data, CancellationToken.None);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.InDoubt), time);
        }

        return new Answer<ChangeResponse>(
            new ChangeResponse(account, accepted.Seq, new Moment(accepted.AtNanos), accepted.Replayed ? true : null), ApiJson.Default.ChangeResponse);
    }
}
