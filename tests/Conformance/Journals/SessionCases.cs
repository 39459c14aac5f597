using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Journals.TestChain;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Lane locks, lost sessions, and what else hosts owe one another (rules 5, 6, 10 and 11).</summary>
internal static class SessionCases
{
    public static readonly JournalCase[] All =
    [
        new("a host alone excludes another alone", kit => AssertExcludesAsync(kit, first: false, second: false)),
        new("a host alone excludes company", kit => AssertExcludesAsync(kit, first: false, second: true)),
        new("company excludes a host alone", kit => AssertExcludesAsync(kit, first: true, second: false)),
        new("company admits company, on every lane", async kit =>
        {
            IJournal first = await kit.OpenHostAsync(shared: true);
            IJournal second = await kit.OpenHostAsync(shared: true);
            Assert.True(first.Shared && second.Shared);
            Assert.Equal(first.Lanes, second.Lanes);
            HashSet<WriterIdentity> identities = [];
            for (int lane = 0; lane < first.Lanes; lane++)
            {
                foreach (IJournal host in new[] { first, second })
                {
                    IJournalWriter writer = await host.OpenWriterAsync(lane, null, CancellationToken.None);
                    await writer.PingAsync(CancellationToken.None);
                    Assert.Equal(lane, writer.Identity.Lane);
                    Assert.True(identities.Add(writer.Identity), $"Two sessions are both called {writer.Identity}.");
                }
            }
        }),
        new("an ended writer frees its lane", async kit =>
        {
            (IJournal first, IJournalWriter writer) = await kit.OpenAloneAsync();
            Assert.False(first.Shared);
            await writer.DisposeAsync();
            (_, IJournalWriter next) = await kit.OpenAloneAsync();
            await WriteAsync(next, new TestChain(kit.NewGrain()).Next());
        }),
        new("a host that is gone frees its lanes", async kit =>
        {
            (IJournal first, _) = await kit.OpenAloneAsync();
            await first.DisposeAsync();
            (_, IJournalWriter next) = await kit.OpenAloneAsync();
            await WriteAsync(next, new TestChain(kit.NewGrain()).Next());
        }),
        new("a cut session cannot append", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next());
            Head written = chain.Head;
            await kit.CutAsync(writer.Identity);
            await AssertLostAsync(() => AppendAsync(writer, chain.Next()));
            (_, IJournalWriter next) = await kit.OpenAloneAsync();
            await AssertHeadsAsync(next, (chain.Grain, written));
        }),
        new("a cut session cannot be pinged", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            await writer.PingAsync(CancellationToken.None);
            await kit.CutAsync(writer.Identity);
            await AssertLostAsync(() => writer.PingAsync(CancellationToken.None));
        }),
        new("a cut session reads no heads", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenAloneAsync();
            await kit.CutAsync(writer.Identity);
            await AssertLostAsync(() => writer.ReadHeadsAsync([kit.NewGrain()], CancellationToken.None));
        }),
        new("a lost session is followed by a new one", async kit =>
        {
            (IJournal host, IJournalWriter writer) = await kit.OpenAloneAsync();
            await kit.CutAsync(writer.Identity);
            IJournalWriter next = await host.OpenWriterAsync(0, writer.Identity, CancellationToken.None);
            Assert.NotEqual(writer.Identity, next.Identity);
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(next, chain.Next());
            await AssertHeadsAsync(next, (chain.Grain, chain.Head));
        }),
        new("an old session cannot write once the new one is open, alone", kit => AssertSucceededAsync(kit, shared: false)),
        new("an old session cannot write once the new one is open, in company", kit => AssertSucceededAsync(kit, shared: true)),
        new("a new session in company leaves the other host's alone", async kit =>
        {
            (IJournal host, IJournalWriter writer) = await kit.OpenInCompanyAsync();
            (_, IJournalWriter other) = await kit.OpenInCompanyAsync();
            _ = await host.OpenWriterAsync(0, writer.Identity, CancellationToken.None);
            await other.PingAsync(CancellationToken.None);
            await WriteAsync(other, new TestChain(kit.NewGrain()).Next());
        }),
        new("heads show what another host has written", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenInCompanyAsync();
            (_, IJournalWriter other) = await kit.OpenInCompanyAsync();
            TestChain chain = new(kit.NewGrain());
            for (int i = 0; i < 5; i++)
            {
                await WriteAsync(i % 2 == 0 ? writer : other, chain.Next());
                await AssertHeadsAsync(writer, (chain.Grain, chain.Head));
                await AssertHeadsAsync(other, (chain.Grain, chain.Head));
            }
        }),
        new("of two hosts only the first writes a number", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenInCompanyAsync();
            (_, IJournalWriter other) = await kit.OpenInCompanyAsync();
            GrainId grain = kit.NewGrain();
            JournalRow won = Row(grain, default, data: "{\"host\":1}");
            await WriteAsync(writer, won);
            AssertRefused(await AppendAsync(other, Row(grain, default, data: "{\"host\":2}")), new Refusal(grain, null));
            await AssertHeadsAsync(other, (grain, new Head(1, won.Hash)));
        }),
        new("the clock is in nanos and runs on", async kit =>
        {
            IJournal host = await kit.OpenHostAsync();
            long first = await host.ReadClockAsync(CancellationToken.None);
            long second = await host.ReadClockAsync(CancellationToken.None);
            Assert.InRange(first, new DateTimeOffset(2020, 1, 1, 0, 0, 0, default).ToUnixTimeSeconds() * 1_000_000_000, long.MaxValue);
            Assert.InRange(second - first, 0, 60_000_000_000);
        }),
        new("a host asks the others to rest a grain, not itself", async kit =>
        {
            IJournal first = await kit.OpenHostAsync(shared: true);
            IJournal second = await kit.OpenHostAsync(shared: true);
            TaskCompletionSource<GrainId> atFirst = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource<GrainId> atSecond = new(TaskCreationOptions.RunContinuationsAsynchronously);
            first.RestRequested = grain => atFirst.TrySetResult(grain);
            second.RestRequested = grain => atSecond.TrySetResult(grain);
            _ = await first.OpenWriterAsync(0, null, CancellationToken.None);
            _ = await second.OpenWriterAsync(0, null, CancellationToken.None);
            GrainId asked = kit.NewGrain();
            GrainId answered = kit.NewGrain();
            await first.AskForRestAsync(asked, CancellationToken.None);
            Assert.Equal(asked, await HeardAsync(atSecond, kit.Patience));
            await second.AskForRestAsync(answered, CancellationToken.None);

            // The first grain to arrive at the first host is the other's: its own did not come before.
            Assert.Equal(answered, await HeardAsync(atFirst, kit.Patience));
        }),
    ];

    private static async Task AssertExcludesAsync(JournalKit kit, bool first, bool second)
    {
        IJournal holder = await kit.OpenHostAsync(first);
        IJournal other = await kit.OpenHostAsync(second);
        IJournalWriter writer = await holder.OpenWriterAsync(0, null, CancellationToken.None);
        JournalOccupiedException refused =
            await Assert.ThrowsAsync<JournalOccupiedException>(() => other.OpenWriterAsync(0, null, CancellationToken.None));
        Assert.NotEmpty(refused.Message);
        await writer.PingAsync(CancellationToken.None);
        await writer.DisposeAsync();
        await (await other.OpenWriterAsync(0, null, CancellationToken.None)).PingAsync(CancellationToken.None);
    }

    private static async Task AssertSucceededAsync(JournalKit kit, bool shared)
    {
        IJournal host = await kit.OpenHostAsync(shared);
        IJournalWriter old = await host.OpenWriterAsync(0, null, CancellationToken.None);
        TestChain chain = new(kit.NewGrain());
        await WriteAsync(old, chain.Next());
        Head written = chain.Head;
        IJournalWriter next = await host.OpenWriterAsync(0, old.Identity, CancellationToken.None);
        await AssertLostAsync(() => AppendAsync(old, chain.Next()));
        await AssertHeadsAsync(next, (chain.Grain, written));
    }

    private static async Task AssertLostAsync(Func<Task> call) => await Assert.ThrowsAsync<JournalInDoubtException>(call);

    private static async Task<GrainId> HeardAsync(TaskCompletionSource<GrainId> heard, TimeSpan patience)
    {
        try
        {
            return await heard.Task.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"No host heard within {patience} that it was asked to rest a grain.");
            throw;
        }
    }
}
