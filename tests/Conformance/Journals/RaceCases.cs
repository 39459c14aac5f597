using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Journals.TestChain;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Two hosts that write the same grains at once.</summary>
internal static class RaceCases
{
    private const int Target = 60;

    public static readonly JournalCase[] All =
    [
        new("of two racing writers exactly one wins each number", ExactlyOneWinsEachNumber),
        new("of two racing writers exactly one uses each request id", ExactlyOneUsesEachRequestId),
    ];

    private static async Task ExactlyOneWinsEachNumber(JournalKit kit)
    {
        (IJournal journal, IJournalWriter first) = await kit.OpenInCompanyAsync();
        (_, IJournalWriter second) = await kit.OpenInCompanyAsync();
        GrainId grain = kit.NewGrain();
        List<Head>[] won = await Task.WhenAll(Task.Run(() => RaceAsync(first, "first")), Task.Run(() => RaceAsync(second, "second")));

        StoredGrain stored = await journal.LoadAsync(grain, CancellationToken.None);
        AssertChain(default, stored.Rows);
        Assert.Equal(
            stored.Rows.Select(row => new Head(row.Seq, row.Hash)),
            won[0].Concat(won[1]).OrderBy(head => head.Seq));

        async Task<List<Head>> RaceAsync(IJournalWriter writer, string name)
        {
            List<Head> mine = [];
            while (true)
            {
                Head head = (await writer.ReadHeadsAsync([grain], CancellationToken.None))[0];
                if (head.Seq >= Target)
                {
                    return mine;
                }

                // Two rows at a time, so that a half-written batch shows.
                TestChain chain = new(grain, head);
                JournalRow[] rows = [chain.Next(actor: name), chain.Next(actor: name)];
                AppendResult result = await AppendAsync(writer, rows);
                if (result is AppendResult.Committed)
                {
                    mine.AddRange(rows.Select(row => new Head(row.Seq, row.Hash)));
                }
                else if (result is not AppendResult.Passing)
                {
                    AssertRefused(result, new Refusal(grain, null));
                }
            }
        }
    }

    private static async Task ExactlyOneUsesEachRequestId(JournalKit kit)
    {
        (IJournal journal, IJournalWriter first) = await kit.OpenInCompanyAsync();
        (_, IJournalWriter second) = await kit.OpenInCompanyAsync();
        GrainId grain = kit.NewGrain();
        int[] won = await Task.WhenAll(Task.Run(() => RaceAsync(first)), Task.Run(() => RaceAsync(second)));

        StoredGrain stored = await journal.LoadAsync(grain, CancellationToken.None);
        AssertChain(default, stored.Rows);
        Assert.Equal(Target, won.Sum());
        Assert.Equal(Target, stored.Rows.Select(row => row.RequestId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Target, stored.Rows.Count);

        async Task<int> RaceAsync(IJournalWriter writer)
        {
            int used = 0;
            for (int i = 0; i < Target;)
            {
                Head head = (await writer.ReadHeadsAsync([grain], CancellationToken.None))[0];
                AppendResult result = await AppendAsync(writer, Row(grain, head, $"r{i}"));
                if (result is AppendResult.Committed)
                {
                    used++;
                    i++;
                }
                else if (result is AppendResult.Refused refused && refused.Refusals.Any(refusal => refusal.RequestId == $"r{i}"))
                {
                    i++;
                }
                else
                {
                    Assert.False(result is AppendResult.Rejected, $"{result}");
                }
            }

            return used;
        }
    }
}
