using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Conformance.Broken;

/// <summary>Rows put where they pass: what a journal without a fence writes.</summary>
internal static class Forced
{
    /// <summary>The rows with numbers, hashes and request ids changed so that the store takes them.</summary>
    public static async Task<IReadOnlyList<JournalRow>> RowsAsync(
        IJournal journal, IJournalWriter writer, IReadOnlyList<JournalRow> rows, Func<JournalRow, Head, bool> forced, bool stripRequests = false)
    {
        List<JournalRow> result = [];
        Head head = default;
        bool changed = false;
        for (int i = 0; i < rows.Count; i++)
        {
            JournalRow row = rows[i];
            if (i == 0 || row.Grain != rows[i - 1].Grain)
            {
                head = (await writer.ReadHeadsAsync([row.Grain], CancellationToken.None))[0];
                changed = false;
            }

            if (stripRequests && row.RequestId is not null
                && (rows.Take(i).Any(r => r.Grain == row.Grain && r.RequestId == row.RequestId)
                    || (await journal.FindRequestsAsync([new RequestKey(row.Grain, row.RequestId)], CancellationToken.None))[0] is not null))
            {
                row = row with { RequestId = null };
                changed = true;
            }

            changed |= forced(row, head);
            if (changed)
            {
                row = row with { Seq = head.Seq + 1 };
                row.Hash = ChainHash.Next(head.Hash, row);
            }

            head = new Head(row.Seq, row.Hash);
            result.Add(row);
        }

        return result;
    }
}

/// <summary>Takes rows whose number is taken already, after those that are there: no fence by number.</summary>
internal sealed class TakesTakenNumbers(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(await Forced.RowsAsync(this, writer, rows, (row, head) => row.Seq <= head.Seq), ct);
}

/// <summary>Takes rows after a gap.</summary>
internal sealed class TakesGaps(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(await Forced.RowsAsync(this, writer, rows, (row, head) => row.Seq > head.Seq + 1), ct);
}

/// <summary>Looks at numbers only: a row may follow another row than the one that is there.</summary>
internal sealed class IgnoresHashes(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(await Forced.RowsAsync(this, writer, rows, (row, head) => row.Seq == head.Seq + 1), ct);
}

/// <summary>Looks whether the rows fit, and writes them later: another host comes between.</summary>
internal sealed class ChecksThenWrites(MemoryJournal inner) : JournalWrapper(inner)
{
    private const int Turns = 1_000;

    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        foreach (IGrouping<GrainId, JournalRow> grain in rows.GroupBy(row => row.Grain))
        {
            Head head = (await writer.ReadHeadsAsync([grain.Key], ct))[0];
            JournalRow first = grain.First();
            if (first.Seq != head.Seq + 1 || first.Hash != ChainHash.Next(head.Hash, first))
            {
                return await writer.AppendAsync(rows, ct);
            }
        }

        // Long enough for the other host to come between, if it is there, and for others to have their turns where all stood still.
        GrainId watched = rows[0].Grain;
        Head before = (await writer.ReadHeadsAsync([watched], ct))[0];
        long began = TimeProvider.System.GetTimestamp();
        for (int turns = 0; (await writer.ReadHeadsAsync([watched], ct))[0] == before; turns++)
        {
            if (turns >= Turns && TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(20))
            {
                break;
            }

            await Task.Yield();
        }

        return await writer.AppendAsync(await Forced.RowsAsync(this, writer, rows, (row, head) => row.Seq <= head.Seq, stripRequests: true), ct);
    }
}

/// <summary>Takes a request id any number of times: only the first row keeps it.</summary>
internal sealed class ForgetsRequestIds(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(await Forced.RowsAsync(this, writer, rows, (_, _) => false, stripRequests: true), ct);
}

/// <summary>Remembers the request ids of rows that were refused.</summary>
internal sealed class RemembersRefusedRequests(MemoryJournal inner) : JournalWrapper(inner)
{
    private readonly HashSet<RequestKey> claimed = [];

    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        Refusal[] repeated = [.. rows.Where(row => row.RequestId is not null && !this.claimed.Add(new RequestKey(row.Grain, row.RequestId)))
            .Select(row => new Refusal(row.Grain, row.RequestId))];
        return repeated.Length > 0 ? new AppendResult.Refused(repeated) : await writer.AppendAsync(rows, ct);
    }
}

/// <summary>Refuses what its own idea of a request id calls used.</summary>
internal abstract class MistakesRequestIds(MemoryJournal inner) : JournalWrapper(inner)
{
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        Refusal[] repeated = [.. rows.Where(row => this.Mistaken(row) is { } id && !this.used.Add(id)).Select(row => new Refusal(row.Grain, row.RequestId))];
        return repeated.Length > 0 ? new AppendResult.Refused(repeated) : await writer.AppendAsync(rows, ct);
    }

    protected abstract string? Mistaken(JournalRow row);
}

/// <summary>A request id used in one grain is used in all.</summary>
internal sealed class SharesRequestIds(MemoryJournal inner) : MistakesRequestIds(inner)
{
    protected override string? Mistaken(JournalRow row) => row.RequestId;
}

/// <summary>Compares request ids without case.</summary>
internal sealed class FoldsRequestIds(MemoryJournal inner) : MistakesRequestIds(inner)
{
    protected override string? Mistaken(JournalRow row) => row.RequestId is null ? null : $"{row.Grain} {row.RequestId.ToUpperInvariant()}";
}

/// <summary>A grain has one row without a request id.</summary>
internal sealed class TakesNoIdForAnId(MemoryJournal inner) : MistakesRequestIds(inner)
{
    protected override string? Mistaken(JournalRow row) => $"{row.Grain} {row.RequestId}";
}

/// <summary>Writes the grains that are not refused, and says that the batch was refused.</summary>
internal sealed class WritesHalfBatches(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        AppendResult result = await writer.AppendAsync(rows, ct);
        if (result is AppendResult.Refused refused)
        {
            await writer.AppendAsync([.. rows.Where(row => !refused.Refusals.Any(refusal => refusal.Grain == row.Grain))], ct);
        }

        return result;
    }
}

/// <summary>Writes a refused grain's rows up to the one that is refused.</summary>
internal sealed class WritesHalfGrains(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        AppendResult result = await writer.AppendAsync(rows, ct);
        for (int i = 0; i < rows.Count && result is not AppendResult.Committed; i++)
        {
            if (await writer.AppendAsync([rows[i]], ct) is not AppendResult.Committed)
            {
                break;
            }
        }

        return result;
    }
}

/// <summary>Writes what stands before a row that cannot be kept.</summary>
internal sealed class WritesUpToPoison(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        AppendResult result = await writer.AppendAsync(rows, ct);
        if (result is AppendResult.Rejected)
        {
            await writer.AppendAsync([.. rows.Take(rows.Count - 1)], ct);
        }

        return result;
    }
}

/// <summary>Names the first refusal and keeps the others to itself.</summary>
internal sealed class NamesOnlyTheFirstRefusal(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(rows, ct) is var result && result is AppendResult.Refused refused
            ? new AppendResult.Refused([refused.Refusals[0]])
            : result;
}

/// <summary>Names every grain of a refused batch.</summary>
internal sealed class BlamesTheWholeBatch(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(rows, ct) is var result && result is AppendResult.Refused
            ? new AppendResult.Refused([.. rows.Select(row => new Refusal(row.Grain, null)).Distinct()])
            : result;
}

/// <summary>Calls a repeated request id a fence.</summary>
internal sealed class DoesNotNameRequestIds(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        await writer.AppendAsync(rows, ct) is var result && result is AppendResult.Refused refused
            ? new AppendResult.Refused([.. refused.Refusals.Select(refusal => refusal with { RequestId = null }).Distinct()])
            : result;
}

/// <summary>Says committed before it is, and then it is not.</summary>
internal sealed class AcknowledgesAndForgets(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        Task.FromResult<AppendResult>(AppendResult.Committed.Instance);
}

/// <summary>Swallows refusals: says committed to all.</summary>
internal sealed class NeverRefuses(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        await writer.AppendAsync(rows, ct);
        return AppendResult.Committed.Instance;
    }
}
