using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>Opens the system account and makes the first admin key, once per database.</summary>
/// <param name="grains">The grains.</param>
/// <param name="issuer">Makes keys.</param>
internal sealed class FirstStart(IGrains grains, KeyIssuer issuer)
{
    // The code of ISO 4217 for "no currency": this account never holds money.
    private const string NoCurrency = "XXX";
    private const string OpenRequestId = "~system:open";
    private const string KeyRequestId = "~system:first-admin-key";

    /// <summary>Makes sure that the account and one key for operators exist.</summary>
    /// <returns>The first admin key, whole, where this call made it; otherwise null.</returns>
    /// <exception cref="StartException">The journal does not answer.</exception>
    public async Task<string?> EnsureAsync()
    {
        Reply opened = await grains.AskAsync(
            GrainId.Account(Gate.SystemAccount), new OpenAccount { Currency = NoCurrency, Zone = "UTC", RequestId = OpenRequestId });
        if (opened.Outcome is not (Outcome.Accepted or Outcome.AccountExists))
        {
            throw Failed(opened);
        }

        // The same id from every host and at every start: one key is made, and shown by the host that made it.
        return (await this.MakeAsync(AdminKey("first admin key") with { RequestId = KeyRequestId })).Whole;
    }

    /// <summary>Makes another admin key.</summary>
    /// <returns>The key, whole.</returns>
    /// <exception cref="StartException">It could not be made.</exception>
    public async Task<string> MakeAdminKeyAsync() =>
        (await this.MakeAsync(AdminKey("admin key made on the command line"))).Whole ?? throw new StartException("The key was made, but not by this call.");

    private static CreateKey AdminKey(string name) => new() { Name = name, Scopes = [VendorScopes.Any], Prefix = "sk_admin_", Type = KeyType.Internal };

    private async Task<NewKey> MakeAsync(CreateKey command)
    {
        NewKey made = await issuer.CreateAsync(Gate.SystemAccount, command, CancellationToken.None);
        return made.Refusal is { } refusal ? throw Failed(refusal) : made;
    }

    private static StartException Failed(Reply reply) => new(
        $"The system account could not be set up: {OutcomeMap.Answer(reply.Outcome).Title} {(reply as Denied)?.Detail}".TrimEnd());
}
