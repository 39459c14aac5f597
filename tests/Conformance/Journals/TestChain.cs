using System.Text;
using OrleansBilling.Hosting.Journal;
using Xunit;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Makes rows of one grain, each following the one before.</summary>
/// <param name="grain">The grain.</param>
/// <param name="head">The row to follow.</param>
internal sealed class TestChain(GrainId grain, Head head = default)
{
    /// <summary>The actor of rows that are in the chain and make no sense.</summary>
    public const string Nonsense = "nonsense";

    public GrainId Grain => grain;

    /// <summary>The last row made, written or not.</summary>
    public Head Head { get; private set; } = head;

    /// <summary>The next row.</summary>
    public JournalRow Next(string? requestId = null, string data = "{\"amount\":1}", string actor = "test")
    {
        JournalRow row = Row(grain, this.Head, requestId, data, actor);
        this.Head = new Head(row.Seq, row.Hash);
        return row;
    }

    /// <summary>A row that follows <paramref name="previous"/>.</summary>
    public static JournalRow Row(
        GrainId grain, Head previous, string? requestId = null, string data = "{\"amount\":1}", string actor = "test", string type = "charged")
    {
        JournalRow row = new(
            grain,
            previous.Seq + 1,
            1_760_000_000_000_000_000 + (previous.Seq * 1000),
            type,
            actor,
            requestId,
            requestId is null ? null : [.. Enumerable.Range(1, 32).Select(i => (byte)i)],
            Encoding.UTF8.GetBytes(data));
        return row with { Hash = ChainHash.Next(previous.Hash, row) };
    }

    /// <summary>Writes rows of any grains as one batch that must be taken.</summary>
    public static async Task WriteAsync(IJournalWriter writer, params JournalRow[] rows) =>
        Assert.IsType<AppendResult.Committed>(await AppendAsync(writer, rows));

    /// <summary>Sends rows of any grains as one batch, in the order that the contract asks for.</summary>
    public static Task<AppendResult> AppendAsync(IJournalWriter writer, params JournalRow[] rows) =>
        writer.AppendAsync([.. rows.OrderBy(row => row.Grain.Path, StringComparer.Ordinal)], CancellationToken.None);

    /// <summary>Asserts that a batch was refused for exactly these reasons.</summary>
    public static void AssertRefused(AppendResult result, params Refusal[] expected)
    {
        AppendResult.Refused refused = Assert.IsType<AppendResult.Refused>(result);
        Assert.Equal(
            expected.Select(Text).Order(StringComparer.Ordinal),
            refused.Refusals.Select(Text).Order(StringComparer.Ordinal));
        static string Text(Refusal refusal) => $"{refusal.Grain} {refusal.RequestId ?? "(fence)"}";
    }

    /// <summary>Asserts that the store's last row of each grain is the last of that chain.</summary>
    public static async Task AssertHeadsAsync(IJournalWriter writer, params (GrainId Grain, Head Head)[] expected) =>
        Assert.Equal(expected.Select(e => e.Head), await writer.ReadHeadsAsync([.. expected.Select(e => e.Grain)], CancellationToken.None));

    /// <summary>Asserts that two rows are the same, column by column.</summary>
    public static void AssertSame(JournalRow expected, JournalRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(Columns(expected), Columns(actual));
        Assert.Equal(expected.Data, actual.Data);
        Assert.Equal(expected.RequestHash, actual.RequestHash);
    }

    /// <summary>Asserts that rows follow one another from <paramref name="start"/> on, and returns the last.</summary>
    public static Head AssertChain(Head start, IReadOnlyList<JournalRow> rows)
    {
        Head head = start;
        foreach (JournalRow row in rows)
        {
            Assert.Equal(head.Seq + 1, row.Seq);
            Assert.Equal(ChainHash.Next(head.Hash, row), row.Hash);
            head = new Head(row.Seq, row.Hash);
        }

        return head;
    }

    private static (GrainId Grain, long Seq, long At, string Type, string Actor, string? RequestId, ChainHash Hash) Columns(JournalRow row) =>
        (row.Grain, row.Seq, row.AtNanos, row.Type, row.Actor, row.RequestId, row.Hash);
}
