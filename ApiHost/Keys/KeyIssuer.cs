using OrleansBilling.Account;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.Hosting;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>What making a key gave.</summary>
/// <param name="Created">What was recorded; null when it was refused.</param>
/// <param name="Accepted">The account's acceptance, with its number and time.</param>
/// <param name="Whole">The whole key, to be shown once; null when an earlier request is answered again.</param>
/// <param name="Refusal">Why it was refused, or could not be finished.</param>
internal readonly record struct NewKey(KeyCreated? Created, Accepted? Accepted, string? Whole, Reply? Refusal);

/// <summary>
/// Makes keys: the account records the key first, then the key grain its proof, under an id that only this key has. What a
/// crash leaves between the two is finished from the journal (<see cref="KeyOutbox"/>).
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="pepper">Makes the tag.</param>
/// <param name="hasher">Makes the hash.</param>
internal sealed class KeyIssuer(IGrains grains, Pepper pepper, KeyHasher hasher)
{
    private const string RequestIdStart = "~issue:";

    /// <summary>The id under which a key grain has its first proof.</summary>
    /// <param name="keyId">The key's public id.</param>
    public static string RequestIdOf(string keyId) => RequestIdStart + keyId;

    /// <summary>Makes a key.</summary>
    /// <param name="account">The account it belongs to.</param>
    /// <param name="command">What it may do; id and proofs are filled in here.</param>
    /// <param name="ct">The caller gave up.</param>
    public ValueTask<NewKey> CreateAsync(string account, CreateKey command, CancellationToken ct) => this.MakeAsync(
        account,
        command.Prefix,
        proof => command with { Key = proof.KeyId, Tag = proof.Tag, Pepper = pepper.Fingerprint, Hash = proof.Hash },
        ct);

    /// <summary>Makes a key that takes another's place.</summary>
    /// <param name="account">The account they belong to.</param>
    /// <param name="prefix">The old key's prefix.</param>
    /// <param name="command">Which key, and until when it goes on; id and proofs of the new one are filled in here.</param>
    /// <param name="ct">The caller gave up.</param>
    public ValueTask<NewKey> RotateAsync(string account, string prefix, RotateKey command, CancellationToken ct) => this.MakeAsync(
        account,
        prefix,
        proof => command with { NewKey = proof.KeyId, Prefix = prefix, Tag = proof.Tag, Pepper = pepper.Fingerprint, Hash = proof.Hash },
        ct);

    /// <summary>Makes sure that the key grain has the proof. May be repeated.</summary>
    /// <param name="account">The account the key belongs to.</param>
    /// <param name="created">What the account recorded.</param>
    /// <param name="ct">Gives up.</param>
    public ValueTask<Reply> IssueAsync(string account, KeyCreated created, CancellationToken ct) => grains.AskAsync(
        GrainId.ForKey(created.Key),
        new IssueKey(account, created.Tag, created.Pepper) { Hash = created.Hash, RequestId = RequestIdOf(created.Key) },
        ct);

    private async ValueTask<NewKey> MakeAsync(string account, string prefix, Func<(string KeyId, string Tag, string Hash), ManageKey> fill, CancellationToken ct)
    {
        string keyId = ApiKey.NewKeyId(account);
        string secret = ApiKey.NewSecret();
        byte[] tag = new byte[Pepper.TagBytes];
        pepper.Tag(prefix, keyId, secret, tag);
        if (await hasher.MakeAsync(prefix, keyId, secret) is not { } hash)
        {
            return new NewKey(null, null, null, new Denied(Outcome.KeyProofBusy));
        }

        Reply reply = await grains.AskAsync(GrainId.Account(account), fill((keyId, Tags.Encode(tag), hash)), ct);
        if (reply is not Accepted { Event: KeyCreated created } accepted)
        {
            return new NewKey(null, null, null, reply);
        }

        // Not to be given up halfway: the key is recorded.
        Reply issued = await this.IssueAsync(account, created, CancellationToken.None);
        if (issued.Outcome != Outcome.Accepted)
        {
            return new NewKey(null, null, null, issued);
        }

        return new NewKey(created, accepted, created.Key == keyId ? ApiKey.Join(prefix, keyId, secret) : null, null);
    }
}
