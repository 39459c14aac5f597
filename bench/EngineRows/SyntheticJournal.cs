using System.Globalization;
using System.Security.Cryptography;
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
    private static readonly Command[] History =
    [
        new OpenAccount { Currency = "EUR", Zone = "Europe/Berlin" },
        new PostCredit { Kind = CreditKind.Topup, AmountNanos = 100 * Money.NanosPerUnit },
    ];

    private readonly GrainKind kind = OpenJournal.Kinds.Single(k => k.Name == GrainId.AccountKind);

    public int Lanes => 1;

    public bool Shared => false;

    public Action<GrainId>? RestRequested { get; set; }

    public Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct) =>
        Task.FromResult<IJournalWriter>(new Writer(new WriterIdentity(lane, 1, 1)));

    public Task<StoredGrain> LoadAsync(GrainId grain, CancellationToken ct)
    {
        List<JournalRow> rows = [];
        object state = this.kind.NewState();
        long atNanos = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds * 1000;
        ChainHash hash = default;
        string number = grain.Key[^7..];
        CreateKey key = new()
        {
            Key = $"acc{number[..3]}KeyOf{number}",
            Tag = Convert.ToBase64String(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(number))),
            Pepper = "pepper01",
            Name = "default",
            Scopes = ["*"],
        };
        foreach (Command command in History.Append(key))
        {
            Decision decision = this.kind.Decide(state, rows.Count, command, new TurnContext(atNanos, OpenJournal.Prices));
            Event e = decision.Accepted ?? throw new BenchException($"A made-up account refused {command}: {decision.Answer}");
            this.kind.Apply(state, e, rows.Count + 1, atNanos);
            System.Buffers.ArrayBufferWriter<byte> data = new();
            EventJson.Write(e, data);
            JournalRow row = new(
                grain, rows.Count + 1, atNanos, EventJson.TypeName(e), "", string.Create(CultureInfo.InvariantCulture, $"r{rows.Count}"), CommandBody.Hash(command),
                data.WrittenSpan.ToArray());
            row.Hash = hash = ChainHash.Next(hash, row);
            rows.Add(row);
        }

        return Task.FromResult(new StoredGrain(null, rows));
    }

    public Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) => throw new NotSupportedException();

    public Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) => throw new NotSupportedException();

    public Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => Task.CompletedTask;

    public Task<long> ReadClockAsync(CancellationToken ct) =>
        Task.FromResult((long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds * 1000);

    public Task AskForRestAsync(GrainId grain, CancellationToken ct) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(WriterIdentity identity) : IJournalWriter
    {
        public WriterIdentity Identity => identity;

        public Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct) => throw new NotSupportedException();

        public Task PingAsync(CancellationToken ct) => Task.CompletedTask;

        public Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
