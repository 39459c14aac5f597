using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Conformance.Broken;

/// <summary>Takes no locks: everybody is let in.</summary>
internal sealed class TakesNoLocks(MemoryJournal inner) : JournalWrapper(new MemoryJournal(inner.Store, shared: true))
{
    public override bool Shared => inner.Shared;
}

/// <summary>Locks exclusively, also in company.</summary>
internal sealed class LocksOutCompany(MemoryJournal inner) : JournalWrapper(new MemoryJournal(inner.Store, shared: false))
{
    public override bool Shared => inner.Shared;
}

/// <summary>Keeps a lane's lock after its writer has ended.</summary>
internal sealed class KeepsLocks(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override ValueTask DisposeAsync(IJournalWriter writer) => ValueTask.CompletedTask;
}

/// <summary>Keeps the lanes' locks after the host has gone.</summary>
internal sealed class OutlivesItsHost(MemoryJournal inner) : JournalWrapper(inner)
{
    private bool gone;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (!this.gone)
        {
            this.gone = true;
            await new MemoryJournal(inner.Store, shared: true).OpenWriterAsync(0, null, CancellationToken.None);
        }
    }
}

/// <summary>Opens a new session without ending the old one, wherever the lock lets it.</summary>
internal sealed class LeavesOldSessions(MemoryJournal inner) : JournalWrapper(new MemoryJournal(inner.Store, shared: true))
{
    public override bool Shared => inner.Shared;

    public override Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct) =>
        base.OpenWriterAsync(lane, null, ct);
}

/// <summary>Ends every session of the store, other hosts' too, when it opens one after a loss.</summary>
internal sealed class EndsEverybodysSessions(MemoryJournal inner) : JournalWrapper(inner)
{
    private static readonly ConditionalWeakTable<MemoryStore, ConcurrentBag<WriterIdentity>> Sessions = [];

    public override async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
    {
        ConcurrentBag<WriterIdentity> sessions = Sessions.GetOrCreateValue(inner.Store);
        foreach (WriterIdentity session in sessions.Where(_ => previous is not null))
        {
            inner.Store.EndSession(session);
        }

        IJournalWriter writer = await base.OpenWriterAsync(lane, previous, ct);
        sessions.Add(writer.Identity);
        return writer;
    }
}

/// <summary>When its session is lost, opens another one without a word and goes on.</summary>
internal sealed class ReconnectsInSilence(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        try
        {
            return await writer.AppendAsync(rows, ct);
        }
        catch (JournalInDoubtException)
        {
            await using MemoryJournal unlocked = new(inner.Store, inner.Shared);
            await using IJournalWriter again = await unlocked.OpenWriterAsync(writer.Identity.Lane, null, ct);
            return await again.AppendAsync(rows, ct);
        }
    }
}

/// <summary>Says that a lost session's batch was taken.</summary>
internal sealed class GuessesInDoubt(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        try
        {
            return await writer.AppendAsync(rows, ct);
        }
        catch (JournalInDoubtException)
        {
            return AppendResult.Committed.Instance;
        }
    }
}

/// <summary>Calls a lost session unreachable, as if nothing could have happened.</summary>
internal sealed class CallsDoubtUnreachable(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        try
        {
            return await writer.AppendAsync(rows, ct);
        }
        catch (JournalInDoubtException e)
        {
            throw new JournalUnavailableException(e.Message, e);
        }
    }
}

/// <summary>Answers a ping by itself.</summary>
internal sealed class PingsNobody(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override Task PingAsync(IJournalWriter writer, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>Reads heads over another session than the writer's.</summary>
internal sealed class ReadsHeadsElsewhere(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<IReadOnlyList<Head>> ReadHeadsAsync(IJournalWriter writer, IReadOnlyList<GrainId> grains, CancellationToken ct)
    {
        List<Head> heads = [];
        foreach (GrainId grain in grains)
        {
            IReadOnlyList<JournalRow> rows = (await inner.LoadAsync(grain, ct)).Rows;
            heads.Add(rows.Count == 0 ? default : new Head(rows[^1].Seq, rows[^1].Hash));
        }

        return heads;
    }
}

/// <summary>Tells the time in micros.</summary>
internal sealed class TellsMicros(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task<long> ReadClockAsync(CancellationToken ct) => await inner.ReadClockAsync(ct) / 1000;
}

/// <summary>Keeps wishes for rest to itself.</summary>
internal sealed class TellsNobodyToRest(MemoryJournal inner) : JournalWrapper(inner)
{
    public override Task AskForRestAsync(GrainId grain, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>Rests itself when it asks others to.</summary>
internal sealed class RestsItself(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task AskForRestAsync(GrainId grain, CancellationToken ct)
    {
        await inner.AskForRestAsync(grain, ct);
        this.RestRequested?.Invoke(grain);
    }
}

/// <summary>Hands out the lost session again.</summary>
internal sealed class NeverOpensAgain(MemoryJournal inner) : JournalWrapper(inner)
{
    private IJournalWriter? first;

    public override async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct) =>
        this.first ??= await base.OpenWriterAsync(lane, previous, ct);
}
