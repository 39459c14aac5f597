using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Journals.TestChain;

namespace OrleansBilling.Conformance.Journals;

/// <summary>The fence, no gaps, no halves, one bad grain fails alone (rules 1 to 3).</summary>
internal static class FenceCases
{
    public static readonly JournalCase[] All =
    [
        new("rows are read back as they were written", RowsAreReadBackAsTheyWereWritten),
        new("the first row is number 1", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            GrainId grain = kit.NewGrain();
            AssertRefused(await AppendAsync(writer, Row(grain, new Head(1, default))), new Refusal(grain, null));
            AssertRefused(await AppendAsync(writer, Row(grain, new Head(-1, default))), new Refusal(grain, null));
            await AssertHeadsAsync(writer, (grain, default));
        }),
        new("a number that is taken is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next(), chain.Next());
            AssertRefused(await AppendAsync(writer, Row(chain.Grain, default, data: "{\"amount\":2}")), new Refusal(chain.Grain, null));
            await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
        }),
        new("the last row sent again is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            JournalRow row = chain.Next();
            await WriteAsync(writer, row);
            AssertRefused(await AppendAsync(writer, row), new Refusal(chain.Grain, null));
            await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
        }),
        new("a gap is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next());
            Head written = chain.Head;
            _ = chain.Next();
            AssertRefused(await AppendAsync(writer, chain.Next()), new Refusal(chain.Grain, null));
            await AssertHeadsAsync(writer, (chain.Grain, written));
        }),
        new("a gap inside a batch is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            JournalRow first = chain.Next();
            _ = chain.Next();
            AssertRefused(await AppendAsync(writer, first, chain.Next()), new Refusal(chain.Grain, null));
            await AssertHeadsAsync(writer, (chain.Grain, default));
        }),
        new("a row that does not chain on the head is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next());
            TestChain other = new(chain.Grain);
            _ = other.Next(data: "{\"amount\":2}");
            AssertRefused(await AppendAsync(writer, other.Next()), new Refusal(chain.Grain, null));
            await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
        }),
        new("a row that says it follows another row than the head is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next());
            TestChain other = new(chain.Grain);
            Head foreign = new(1, other.Next(data: "{\"amount\":2}").Hash);
            AssertRefused(await AppendAsync(writer, Saying(other.Next(), foreign)), new Refusal(chain.Grain, null));
            Head head = chain.Head;
            JournalRow second = Saying(chain.Next(), head);
            await WriteAsync(writer, second, Saying(chain.Next(), new Head(2, second.Hash)));
            await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
        }),
        new("a first row that chains on something is refused", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain other = new(kit.NewGrain());
            _ = other.Next();
            GrainId grain = kit.NewGrain();
            AssertRefused(await AppendAsync(writer, Row(grain, new Head(0, other.Head.Hash))), new Refusal(grain, null));
            await AssertHeadsAsync(writer, (grain, default));
        }),
        new("one refused grain leaves the rest of its batch sendable", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain before = new(kit.NewGrain());
            TestChain stale = new(kit.NewGrain());
            TestChain after = new(kit.NewGrain());
            await WriteAsync(writer, stale.Next());
            JournalRow[] good = [before.Next("r1"), before.Next("r2"), after.Next("r3")];
            AssertRefused(await AppendAsync(writer, [.. good, Row(stale.Grain, default)]), new Refusal(stale.Grain, null));
            await AssertHeadsAsync(writer, (before.Grain, default), (stale.Grain, stale.Head), (after.Grain, default));
            await WriteAsync(writer, good);
            await AssertHeadsAsync(writer, (before.Grain, before.Head), (stale.Grain, stale.Head), (after.Grain, after.Head));
        }),
        new("a grain's rows go all or none", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next("old"));
            Head written = chain.Head;
            AssertRefused(
                await AppendAsync(writer, chain.Next("new 1"), chain.Next("old"), chain.Next("new 2")), new Refusal(chain.Grain, "old"));
            await AssertHeadsAsync(writer, (chain.Grain, written));
            Assert.Null(await journal.ReadRowAsync(chain.Grain, 2, CancellationToken.None));
            Assert.Null(await journal.ReadRowAsync(chain.Grain, 4, CancellationToken.None));
        }),
        new("every refused grain is named", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain a = new(kit.NewGrain());
            TestChain good = new(kit.NewGrain());
            TestChain b = new(kit.NewGrain());
            await WriteAsync(writer, a.Next(), b.Next());
            AssertRefused(
                await AppendAsync(writer, Row(a.Grain, default), good.Next(), Row(b.Grain, default)),
                new Refusal(a.Grain, null),
                new Refusal(b.Grain, null));
        }),
        new("a row that cannot be kept is rejected and nothing is written", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain good = new(kit.NewGrain());
            TestChain poison = new(kit.NewGrain());
            JournalRow kept = good.Next();
            Assert.IsType<AppendResult.Rejected>(await AppendAsync(writer, kept, poison.Next(actor: "a\0b")));
            await AssertHeadsAsync(writer, (good.Grain, default), (poison.Grain, default));
            await WriteAsync(writer, kept);
        }),
        new("a batch of many grains is one", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain[] chains = [.. Enumerable.Range(0, 300).Select(_ => new TestChain(kit.NewGrain()))];
            JournalRow[] rows = [.. chains.SelectMany(chain => Enumerable.Range(0, 4).Select(i => chain.Next($"{chain.Grain} {i}")))];
            await WriteAsync(writer, rows);
            await AssertHeadsAsync(writer, [.. chains.Select(chain => (chain.Grain, chain.Head))]);
            Assert.Equal(chains[299].Head, AssertChain(default, (await journal.LoadAsync(chains[299].Grain, CancellationToken.None)).Rows));
        }),
        new("heads stand in the order asked, and say where there is no row", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain a = new(kit.NewGrain());
            GrainId none = kit.NewGrain();
            TestChain b = new(kit.NewGrain());
            await WriteAsync(writer, a.Next(), a.Next(), b.Next());
            await AssertHeadsAsync(writer, (b.Grain, b.Head), (none, default), (a.Grain, a.Head), (b.Grain, b.Head));
        }),
    ];

    private static JournalRow Saying(JournalRow row, Head previous)
    {
        row.Previous = previous.Hash;
        return row;
    }

    private static async Task RowsAreReadBackAsTheyWereWritten(JournalKit kit)
    {
        (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
        TestChain chain = new(new GrainId("account/ünïcode ‰ '%_\\\"; drop"));
        JournalRow[] rows =
        [
            chain.Next("r 1", "{ \"b\" : 1,\n \"a\":  2.50, \"a\": 3, \"text\":\"\\u0000 ü 🙂\" }", actor: ""),
            chain.Next(null, "{}", actor: "key/ü"),
            chain.Next("", "[]"),
        ];
        await WriteAsync(writer, rows[0]);
        await WriteAsync(writer, rows[1], rows[2]);
        StoredGrain stored = await journal.LoadAsync(chain.Grain, CancellationToken.None);
        Assert.Null(stored.Snapshot);
        Assert.Equal(rows.Length, stored.Rows.Count);
        for (int i = 0; i < rows.Length; i++)
        {
            AssertSame(rows[i], stored.Rows[i]);
            AssertSame(rows[i], await journal.ReadRowAsync(chain.Grain, i + 1, CancellationToken.None));
        }

        AssertSame(rows[0], (await journal.FindRequestsAsync([new RequestKey(chain.Grain, "r 1")], CancellationToken.None))[0]);
        Assert.Null(await journal.ReadRowAsync(chain.Grain, 4, CancellationToken.None));
        Assert.Null(await journal.ReadRowAsync(chain.Grain, 0, CancellationToken.None));
        Assert.Null(await journal.ReadRowAsync(kit.NewGrain(), 1, CancellationToken.None));
        Assert.Equal(chain.Head, AssertChain(default, stored.Rows));
    }
}
