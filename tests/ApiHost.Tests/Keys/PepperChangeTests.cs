using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Tests.Keys;

/// <summary>A lost or changed pepper costs one hash a key, once; a wrong key costs none of it under the pepper that is known.</summary>
public sealed class PepperChangeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_go_on_under_another_pepper_and_are_held_against_their_hash_once()
    {
        MemoryStore store = new(TimeProvider.System);
        (string key, string admin) = await MakeAsync(store, NewPepper());
        Pepper other = NewPepper();

        await using TestHost host = await TestHost.StartAsync(store, other);
        Assert.Null(host.AdminKey);
        (await host.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        (await host.SendAsync(HttpMethod.Post, "/v1/verify", $$"""{"key":"{{key}}"}""", admin)).Expect(HttpStatusCode.OK);

        // A host that cannot work out a single hash.
        (KeyProver prover, CountedProofs proofs) = Prover(host, other);
        Assert.Equal("acme", (await prover.ProveAsync(key, Ct)).Key?.Account);
        Assert.Equal("system", (await prover.ProveAsync(admin, Ct)).Key?.Account);
        Assert.Equal((2, 0), (proofs.Read, proofs.Renewed));
    }

    [Fact]
    public async Task A_key_can_go_back_to_the_pepper_it_was_made_with()
    {
        MemoryStore store = new(TimeProvider.System);
        Pepper first = NewPepper();
        (string key, _) = await MakeAsync(store, first);
        await using (TestHost between = await TestHost.StartAsync(store, NewPepper()))
        {
            (await between.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        }

        await using TestHost back = await TestHost.StartAsync(store, first);
        Assert.NotNull((await Prover(back, first).Prover.ProveAsync(key, Ct)).Key);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_by_the_hash_and_by_the_new_tag()
    {
        MemoryStore store = new(TimeProvider.System);
        (string key, _) = await MakeAsync(store, NewPepper());
        await using TestHost host = await TestHost.StartAsync(store, NewPepper());

        (await host.GetAsync("/v1/wallet", WithOtherSecret(key))).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
        (await host.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        (await host.GetAsync("/v1/wallet", WithOtherSecret(key))).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }

    [Fact]
    public async Task Where_too_many_wait_to_be_hashed_it_is_503_with_a_code()
    {
        MemoryStore store = new(TimeProvider.System);
        (string key, _) = await MakeAsync(store, NewPepper());
        await using TestHost host = await TestHost.StartAsync(store, NewPepper());
        KeyProver prover = Prover(host, host.Pepper).Prover;

        Proof proof = await prover.ProveAsync(key, Ct);

        Assert.Equal((null, Outcome.KeyProofBusy), (proof.Key, proof.Failure?.Outcome));
        OrleansBilling.ApiHost.Http.OutcomeAnswer answer = OrleansBilling.ApiHost.Http.OutcomeMap.Answer(Outcome.KeyProofBusy);
        Assert.Equal((503, "key_proof_busy"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Whatever_is_not_proven_costs_one_look_up_and_no_hash()
    {
        await using TestHost host = await TestHost.StartAsync();
        string key = await host.OpenAsync("acme");
        (KeyProver prover, CountedProofs proofs) = Prover(host, host.Pepper);
        Assert.NotNull((await prover.ProveAsync(key, Ct)).Key);
        int before = proofs.Read;
        string[] wrong =
        [
            WithOtherSecret(key),
            ApiKey.Join("sk_", ApiKey.NewKeyId("acme"), ApiKey.NewSecret()),
            key[..^1] + (key[^1] == '0' ? '1' : '0'),
            "sk_nothing",
            "",
        ];

        foreach (string presented in wrong)
        {
            Assert.Equal(default, await prover.ProveAsync(presented, Ct));
        }

        Assert.Equal(wrong.Length, proofs.Read - before);
        Assert.NotNull((await prover.ProveAsync(key, Ct)).Key);
        Assert.Equal(wrong.Length, proofs.Read - before);
        string[] answers = [.. await Task.WhenAll(wrong[..^1].Select(async w => (await host.GetAsync("/v1/wallet", w)).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid").Text))];
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_key_of_a_release_that_made_no_hashes_is_told_of()
    {
        MemoryStore store = new(TimeProvider.System);
        string keyId = ApiKey.NewKeyId("acme");
        await using (TestHost host = await TestHost.StartAsync(store, NewPepper()))
        {
            await host.Grains.AskAsync(GrainId.ForKey(keyId), new IssueKey("acme", "tag", "another") { RequestId = KeyIssuer.RequestIdOf(keyId) }, Ct);
            (await host.GetAsync("/v1/wallet", ApiKey.Join("sk_", keyId, ApiKey.NewSecret()))).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
            Assert.Contains(host.Log.Lines, l => l.Contains(keyId, StringComparison.Ordinal) && l.Contains("no hash", StringComparison.Ordinal));
        }
    }

    private static Pepper NewPepper() => new(RandomNumberGenerator.GetBytes(32));

    private static string WithOtherSecret(string key)
    {
        Assert.True(ApiKey.TryParse(key, out ApiKeyParts parts));
        return ApiKey.Join(parts.Prefix.ToString(), parts.KeyId.ToString(), ApiKey.NewSecret());
    }

    private static async Task<(string Key, string Admin)> MakeAsync(MemoryStore store, Pepper pepper)
    {
        await using TestHost host = await TestHost.StartAsync(store, pepper);
        return (await host.OpenAsync("acme"), host.AdminKey!);
    }

    private static (KeyProver Prover, CountedProofs Proofs) Prover(TestHost host, Pepper pepper)
    {
        CountedProofs proofs = new(new KeyProofs(new MemoryJournal(host.Store), host.Grains, pepper.Fingerprint, TimeProvider.System));

        // No hash may be worked out, and none may wait.
        return (new KeyProver(proofs, pepper, new KeyHasher(1, -1), new RefusalClock(TimeProvider.System), NullLogger<KeyProver>.Instance), proofs);
    }

    private sealed class CountedProofs(IKeyProofs proofs) : IKeyProofs
    {
        public int Read { get; private set; }

        public int Renewed { get; private set; }

        public ValueTask<Reply> ReadAsync(string keyId, CancellationToken ct)
        {
            this.Read++;
            return proofs.ReadAsync(keyId, ct);
        }

        public ValueTask<Reply> RenewAsync(string keyId, string tag, CancellationToken ct)
        {
            this.Renewed++;
            return proofs.RenewAsync(keyId, tag, ct);
        }
    }
}
