using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Tests.Keys;

/// <summary>Keys that nobody ever made cost a host little, whoever sends them and however many.</summary>
public sealed class KeyProofsTests
{
    private static readonly Pepper Pepper = new(new byte[32]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_nobody_made_brings_no_grain_into_memory()
    {
        await using TestHost host = await TestHost.StartAsync();
        int before = host.Activations;

        for (int i = 0; i < 50; i++)
        {
            (await host.GetAsync("/v1/wallet", NewKey())).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
            (await host.SendAsync(HttpMethod.Post, "/v1/verify", $$"""{"key":"{{NewKey()}}"}""", NewKey())).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
        }

        Assert.Equal(before, host.Activations);
    }

    [Fact]
    public async Task Many_keys_are_one_question_and_one_question_is_asked_at_a_time()
    {
        HeldJournal journal = new();
        KeyProofs proofs = Over(journal);

        Task<Reply>[] asked = [.. Enumerable.Range(0, 401).Select(_ => proofs.ReadAsync(ApiKey.NewKeyId("acme"), Ct).AsTask())];
        int underWay = journal.Questions;
        journal.LetGo();
        Reply[] replies = await Task.WhenAll(asked);

        Assert.Equal(1, underWay);
        Assert.Equal(2, journal.Questions);
        Assert.All(replies, r => Assert.Equal(Outcome.KeyNotFound, r.Outcome));
    }

    [Fact]
    public async Task So_many_wait_and_no_more()
    {
        HeldJournal journal = new();
        KeyProofs proofs = Over(journal);
        Task<Reply>[] asked = [.. Enumerable.Range(0, 1 + KeyProofs.MaxWaiting).Select(_ => proofs.ReadAsync(ApiKey.NewKeyId("acme"), Ct).AsTask())];

        Assert.Equal(Outcome.Overloaded, (await proofs.ReadAsync(ApiKey.NewKeyId("acme"), Ct)).Outcome);

        journal.LetGo();
        Assert.All(await Task.WhenAll(asked), r => Assert.Equal(Outcome.KeyNotFound, r.Outcome));
        Assert.Equal(Outcome.KeyNotFound, (await proofs.ReadAsync(ApiKey.NewKeyId("acme"), Ct)).Outcome);
    }

    [Fact]
    public async Task A_journal_that_fails_is_no_proof_that_there_is_no_key()
    {
        HeldJournal journal = new() { Failure = new JournalUnavailableException("gone") };
        KeyProofs proofs = Over(journal);
        journal.LetGo();

        Assert.Equal(Outcome.Unavailable, (await proofs.ReadAsync(ApiKey.NewKeyId("acme"), Ct)).Outcome);

        journal.Failure = null;
        Assert.Equal(Outcome.KeyNotFound, (await proofs.ReadAsync(ApiKey.NewKeyId("acme"), Ct)).Outcome);
    }

    [Fact]
    public async Task A_key_is_found_as_soon_as_another_host_has_made_it_however_often_it_was_missed()
    {
        MemoryStore store = new(TimeProvider.System);
        HeldJournal journal = new(store);
        journal.LetGo();
        KeyProofs proofs = Over(journal);
        string keyId = ApiKey.NewKeyId("acme");
        Assert.Equal(Outcome.KeyNotFound, (await proofs.ReadAsync(keyId, Ct)).Outcome);

        await using (Engine other = new(new MemoryJournal(store), new EngineOptions(), GrainKinds.All, PriceTable.Empty, TimeProvider.System, NullLogger<Engine>.Instance))
        {
            await other.StartAsync();
            Reply made = await other.AskAsync(GrainId.ForKey(keyId), new IssueKey("acme", "tag", Pepper.Fingerprint) { RequestId = KeyIssuer.RequestIdOf(keyId) }, Ct);
            Assert.Equal(Outcome.Accepted, made.Outcome);
        }

        Assert.Equal(new KeyProof("acme", "tag", Pepper.Fingerprint), await proofs.ReadAsync(keyId, Ct));
    }

    private static string NewKey() => ApiKey.Join("sk_", ApiKey.NewKeyId("acme"), ApiKey.NewSecret());

    private static KeyProofs Over(IJournal journal) => new(journal, new NoGrains(), Pepper.Fingerprint, TimeProvider.System);

    /// <summary>Keeps questions for request ids until it is told to let them go, and counts them.</summary>
    private sealed class HeldJournal(MemoryStore? store = null) : MemoryJournal(store ?? new MemoryStore(TimeProvider.System))
    {
        private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Questions { get; private set; }

        public Exception? Failure { get; set; }

        public void LetGo() => this.gate.SetResult();

        protected override async ValueTask BeforeAsync(JournalCall call, CancellationToken ct)
        {
            this.Questions++;
            await this.gate.Task;
            if (this.Failure is { } failure)
            {
                throw failure;
            }
        }
    }

    private sealed class NoGrains : IGrains
    {
        public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) =>
            throw new InvalidOperationException($"Nobody should ask {grain}.");
    }
}
