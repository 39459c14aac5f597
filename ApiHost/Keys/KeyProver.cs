using System.Security.Cryptography;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>Whether a presented key is one that was made here, and whose.</summary>
/// <param name="Key">The key; null when it is not proven.</param>
/// <param name="Failure">Why the host could not tell, or null when it could.</param>
internal readonly record struct Proof(KnownKey? Key, Reply? Failure);

/// <summary>
/// Proves presented keys. Says nothing about what they may do: that is the account grain's, at every use. Whatever is not proven
/// costs one look-up and one tag, be it no key at all, a key that nobody made or one with a wrong secret, and is refused at the next
/// tick of a clock, so that neither the answer nor its time tells them apart. Only a key whose tag was made with another pepper is held against its hash, once: then it
/// has a tag under this one.
/// </summary>
/// <param name="proofs">What is recorded of keys.</param>
/// <param name="pepper">The pepper that tags are made with.</param>
/// <param name="hasher">Checks hashes.</param>
/// <param name="refusals">When refusals go.</param>
/// <param name="log">Where a key under another pepper is told of.</param>
internal sealed class KeyProver(IKeyProofs proofs, Pepper pepper, KeyHasher hasher, RefusalClock refusals, ILogger<KeyProver> log)
{
    private const int CachedKeys = 1 << 18;

    // No key has it: a tag is what SHA-256 makes.
    private static readonly KnownKey Nobody = new("", "", new byte[Pepper.TagBytes]);

    private readonly ProofCache cache = new(CachedKeys);

    /// <summary>Proves a key.</summary>
    /// <param name="presented">What was presented as a key.</param>
    /// <param name="ct">The caller gave up.</param>
    public ValueTask<Proof> ProveAsync(string? presented, CancellationToken ct)
    {
        if (!ApiKey.TryParse(presented, out ApiKeyParts parts))
        {
            // In its place a key that nobody made.
            _ = ApiKey.TryParse(ApiKey.Join("", ApiKey.NewKeyId(""), ApiKey.NewSecret()), out parts);
        }
        else if (this.cache.Find(parts.KeyId) is { } known && this.Proves(parts, known))
        {
            return new ValueTask<Proof>(new Proof(known, null));
        }

        return this.ProveSlowlyAsync(parts, ct);
    }

    private async ValueTask<Proof> ProveSlowlyAsync(ApiKeyParts parts, CancellationToken ct)
    {
        Proof proof = await this.LookUpAsync(parts, ct);
        if (proof.Key is null)
        {
            await refusals.WaitAsync();
        }

        return proof;
    }

    /// <summary>Whether a key's proof is in memory, and this is the key.</summary>
    /// <param name="presented">What was presented as a key.</param>
    public bool IsKnown(string? presented) =>
        ApiKey.TryParse(presented, out ApiKeyParts parts) && this.cache.Find(parts.KeyId) is { } known && this.Proves(parts, known);

    private async ValueTask<Proof> LookUpAsync(ApiKeyParts parts, CancellationToken ct)
    {
        string keyId = parts.KeyId.ToString();
        Reply reply = await proofs.ReadAsync(keyId, ct);
        if (reply is not KeyProof proof)
        {
            _ = this.Proves(parts, Nobody);
            return new Proof(null, OutcomeMap.IsHostFailure(reply.Outcome) ? reply : null);
        }

        if (proof.Pepper != pepper.Fingerprint)
        {
            return await this.ProveByHashAsync(parts, keyId, proof);
        }

        KnownKey known = new(keyId, proof.Account, Tags.Decode(proof.Tag));
        if (!this.Proves(parts, known))
        {
            return default;
        }

        this.cache.Add(known);
        return new Proof(known, null);
    }

    private async ValueTask<Proof> ProveByHashAsync(ApiKeyParts parts, string keyId, KeyProof proof)
    {
        if (proof.Hash is null || SecretHash.Parse(proof.Hash) is not { } hash)
        {
            log.KeyUnderOtherPepper(keyId, proof.Pepper, pepper.Fingerprint);
            return default;
        }

        switch (await hasher.CheckAsync(in parts, hash))
        {
            case null:
                return new Proof(null, new Denied(Outcome.KeyProofBusy));
            case false:
                return default;
            case true:
                break;
        }

        KnownKey known = new(keyId, proof.Account, new byte[Pepper.TagBytes]);
        pepper.Tag(parts.Prefix, parts.KeyId, parts.Secret, known.Tag);

        // Not to be given up halfway; the key is good whatever comes of it.
        Reply renewed = await proofs.RenewAsync(keyId, Tags.Encode(known.Tag), CancellationToken.None);
        if (renewed.Outcome != Outcome.Accepted)
        {
            log.ProofNotRenewed(keyId, renewed.Outcome);
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
