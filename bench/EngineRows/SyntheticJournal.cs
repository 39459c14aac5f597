using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using OrleansBilling.Account;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>
/// A journal that keeps nothing: whatever account is loaded was opened, given one grant and one key. Its rows are made when they
/// are asked for, with a valid chain, so that what is left in memory is the engine's alone. Not for writing.
/// </summary>
internal sealed class SyntheticJournal : IJournal
{
    private static readonly string[] RequestIds = ["open", "credit", "key"];

    private readonly (Event Event, byte[] BodyHash, byte[] Data)[] history;
    private readonly long atNanos = NowNanos();

    /// <summary>Works out once what happens to every account.</summary>
    public SyntheticJournal()
    {
        GrainKind kind = OpenJournal.Kinds.Single(k => k.Name == GrainId.AccountKind);
        object state = kind.NewState();
        Command[] commands =
        [
            new OpenAccount { Currency = "EUR", Zone = "Europe/Berlin" },
            new PostCredit { Kind = CreditKind.Topup, AmountNanos = 100 * Money.NanosPerUnit },
            new CreateKey { Key = "acc000KeyOf0000000", Tag = Tag("0000000"), Pepper = "pepper01", Name = "default", Scopes = ["*"] },
        ];
        this.history = new (Event, byte[], byte[])[commands.Length];
        for (int i = 0; i < commands.Length; i++)
        {
            Decision decision = kind.Decide(state, i, commands[i], new TurnContext(this.atNanos, OpenJournal.Prices));
            Event e = decision.Accepted ?? throw new BenchException($"A made-up account refused {commands[i]}: {decision.Answer}");
            kind.Apply(state, e, i + 1, this.atNanos);
            this.history[i] = (e, CommandBody.Hash(commands[i]), Encode(e));
        }
    }

    public int Lanes => 1;

    public bool Shared => false;

    public Action<GrainId>? RestRequested { get; set; }

    public Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct) =>
        Task.FromResult<IJournalWriter>(new Writer(new WriterIdentity(lane, 1, 1)));

    public Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<StoredGrain>>([.. grains.Select(this.Load)]);

    public Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) => throw new NotSupportedException();

    public Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) => throw new NotSupportedException();

    public Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) => throw new NotSupportedException();

    public Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct) => throw new NotSupportedException();

    public Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => Task.CompletedTask;

    public Task<long> ReadClockAsync(CancellationToken ct) =>
        Task.FromResult(NowNanos());

    public Task AskForRestAsync(GrainId grain, CancellationToken ct) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private StoredGrain Load(GrainId grain)
    {
        JournalRow[] rows = new JournalRow[this.history.Length];
        ChainHash hash = default;
        string number = grain.Key[^7..];
        for (int i = 0; i < rows.Length; i++)
        {
            (Event e, byte[] bodyHash, byte[] data) = this.history[i];
            byte[] own = e is KeyCreated key ? Encode(key with { Key = $"acc{number[..3]}KeyOf{number}", Tag = Tag(number) }) : data;
            rows[i] = new JournalRow(grain, i + 1, this.atNanos, EventJson.TypeName(e), "", RequestIds[i], bodyHash, own);
            rows[i].Hash = hash = ChainHash.Next(hash, rows[i]);
        }

        return new StoredGrain(null, rows);
    }

    private static long NowNanos() => (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds * 1000;

    private static string Tag(string number) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(number)));

    private static byte[] Encode(Event e)
    {
        ArrayBufferWriter<byte> data = new();
        EventJson.Write(e, data);
        return data.WrittenSpan.ToArray();
    }

    private sealed class Writer(WriterIdentity identity) : IJournalWriter
    {
        public WriterIdentity Identity => identity;

        public Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct) => throw new NotSupportedException();

        public Task PingAsync(CancellationToken ct) => Task.CompletedTask;

        public Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
