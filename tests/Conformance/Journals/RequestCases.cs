using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Journals.TestChain;

namespace OrleansBilling.Conformance.Journals;

/// <summary>A request id is used once per grain, for ever (rules 3 and 7).</summary>
internal static class RequestCases
{
    public static readonly JournalCase[] All =
    [
        new("a repeated request id is refused and named", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next("r1"), chain.Next("r2"), chain.Next());
            Head written = chain.Head;
            AssertRefused(await AppendAsync(writer, chain.Next("r1")), new Refusal(chain.Grain, "r1"));
            await AssertHeadsAsync(writer, (chain.Grain, written));
        }),
        new("a request id twice in one batch is refused and named", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            AssertRefused(await AppendAsync(writer, chain.Next("r1"), chain.Next("r1")), new Refusal(chain.Grain, "r1"));
            await AssertHeadsAsync(writer, (chain.Grain, default));
        }),
        new("a request id of one grain is free in another", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain a = new(kit.NewGrain());
            TestChain b = new(kit.NewGrain());
            TestChain c = new(kit.NewGrain());
            JournalRow inA = a.Next("r1");
            JournalRow inC = c.Next("r1");
            await WriteAsync(writer, inA, b.Next("r1"));
            await WriteAsync(writer, inC);
            IReadOnlyList<JournalRow?> found = await journal.FindRequestsAsync([new(a.Grain, "r1"), new(c.Grain, "r1")], CancellationToken.None);
            AssertSame(inA, found[0]);
            AssertSame(inC, found[1]);
        }),
        new("request ids differ by every character", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next("id"), chain.Next("ID"), chain.Next("id "), chain.Next("íd"), chain.Next("i\u0301d"), chain.Next(new string('x', 128)));
            await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
        }),
        new("rows without a request id never repeat one another", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next(), chain.Next());
            await WriteAsync(writer, chain.Next());
            await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
        }),
        new("every refusal of a batch is named", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain repeats = new(kit.NewGrain());
            TestChain stale = new(kit.NewGrain());
            TestChain good = new(kit.NewGrain());
            TestChain once = new(kit.NewGrain());
            await WriteAsync(writer, repeats.Next("r1"), repeats.Next("r2"), stale.Next("s1"), once.Next("o1"));
            JournalRow[] kept = [good.Next("g1"), good.Next("g2")];
            AssertRefused(
                await AppendAsync(
                    writer, [repeats.Next("r2"), repeats.Next("r3"), repeats.Next("r1"), Row(stale.Grain, default, "s2"), .. kept, once.Next("o1")]),
                new Refusal(repeats.Grain, "r1"),
                new Refusal(repeats.Grain, "r2"),
                new Refusal(stale.Grain, null),
                new Refusal(once.Grain, "o1"));
            await WriteAsync(writer, kept);
        }),
        new("a refused row leaves no request id behind", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next("r1"));
            AssertRefused(await AppendAsync(writer, Row(chain.Grain, default, "r2")), new Refusal(chain.Grain, null));
            Assert.Null((await journal.FindRequestsAsync([new(chain.Grain, "r2")], CancellationToken.None))[0]);
            await WriteAsync(writer, chain.Next("r2"));
        }),
        new("requests are found in the order asked, with null for none", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain a = new(kit.NewGrain());
            TestChain b = new(kit.NewGrain());
            JournalRow[] rows = [a.Next("r1"), a.Next("r2"), b.Next("r3")];
            await WriteAsync(writer, rows);
            IReadOnlyList<JournalRow?> found = await journal.FindRequestsAsync(
                [new(b.Grain, "r3"), new(b.Grain, "r1"), new(a.Grain, "r2"), new(kit.NewGrain(), "r1"), new(a.Grain, "r1"), new(b.Grain, "r3")],
                CancellationToken.None);
            Assert.Equal(6, found.Count);
            AssertSame(rows[2], found[0]);
            Assert.Null(found[1]);
            AssertSame(rows[1], found[2]);
            Assert.Null(found[3]);
            AssertSame(rows[0], found[4]);
            AssertSame(rows[2], found[5]);
            Assert.Empty(await journal.FindRequestsAsync([], CancellationToken.None));
        }),
        new("request ids are read in order, page by page, past rows without one", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next("r1"), chain.Next(), chain.Next("r3"), chain.Next());
            TestChain other = new(kit.NewGrain());
            await WriteAsync(writer, other.Next("o1"));
            foreach ((long after, int rows, string[] ids, long last) in new (long, int, string[], long)[]
            {
                (0, 2, ["r1"], 2), (2, 2, ["r3"], 4), (4, 2, [], 4), (0, 10, ["r1", "r3"], 4), (1, 1, [], 2),
            })
            {
                RequestIds page = await journal.ReadRequestIdsAsync(chain.Grain, after, rows, CancellationToken.None);
                Assert.Equal(ids, page.Ids);
                Assert.Equal(last, page.LastSeq);
            }
        }),
        new("a request id of another host is found and refused", async kit =>
        {
            (_, IJournalWriter first) = await kit.OpenInCompanyAsync();
            (IJournal second, IJournalWriter writer) = await kit.OpenInCompanyAsync();
            TestChain chain = new(kit.NewGrain());
            JournalRow row = chain.Next("r1");
            await WriteAsync(first, row);
            AssertSame(row, (await second.FindRequestsAsync([new(chain.Grain, "r1")], CancellationToken.None))[0]);
            AssertRefused(await AppendAsync(writer, chain.Next("r1")), new Refusal(chain.Grain, "r1"));
        }),
    ];
}
