using System.Security.Cryptography;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>Whether a presented key is one that was made here, and whose.</summary>
/// <param name="Key">The key; null when it is not proven.</param>
/// <param name="Failure">Why the host could not tell, or null when it could.</param>
internal readonly record struct Proof(KnownKey? Key, Reply? Failure);

/// <summary>Proves presented keys. Says nothing about what they may do: that is the account grain's, at every use.</summary>
/// <param name="proofs">What is recorded of keys.</param>
/// <param name="pepper">The pepper that tags were made with.</param>
/// <param name="log">Where a key under another pepper is told of.</param>
internal sealed class KeyProver(IKeyProofs proofs, Pepper pepper, ILogger<KeyProver> log)
{
    private const int CachedKeys = 1 << 18;

    private readonly ProofCache cache = new(CachedKeys);

    /// <summary>Proves a key. A wrong secret and a key that does not exist get the same answer.</summary>
    /// <param name="presented">What was presented as a key.</param>
    /// <param name="ct">The caller gave up.</param>
    public ValueTask<Proof> ProveAsync(string? presented, CancellationToken ct)
    {
        if (!ApiKey.TryParse(presented, out ApiKeyParts parts))
        {
            return default;
        }

        return this.cache.Find(parts.KeyId) is { } known
            ? new ValueTask<Proof>(new Proof(this.Proves(parts, known) ? known : null, null))
            : this.LookUpAsync(parts, ct);
    }

    private async ValueTask<Proof> LookUpAsync(ApiKeyParts parts, CancellationToken ct)
    {
        string keyId = parts.KeyId.ToString();
        Reply reply = await proofs.ReadAsync(keyId, ct);
        if (reply is not KeyProof proof)
        {
            return new Proof(null, OutcomeMap.IsHostFailure(reply.Outcome) ? reply : null);
        }

        if (proof.Pepper != pepper.Fingerprint)
        {
            log.KeyUnderOtherPepper(keyId, proof.Pepper, pepper.Fingerprint);
            return default;
        }

        KnownKey known = new(keyId, proof.Account, Tags.Decode(proof.Tag));
        if (!this.Proves(parts, known))
        {
            return default;
        }

        this.cache.Add(known);
        return new Proof(known, null);
    }

    private bool Proves(in ApiKeyParts parts, KnownKey known)
    {
        Span<byte> tag = stackalloc byte[Pepper.TagBytes];
        pepper.Tag(parts.Prefix, parts.KeyId, parts.Secret, tag);
        return CryptographicOperations.FixedTimeEquals(tag, known.Tag);
    }
}
