using System.Diagnostics;
using Orleans.Concurrency;
using OrleansBilling.Hosting.Orleans.Grains;
using OrleansBilling.Hosting.Orleans.Wire;

namespace OrleansBilling.Hosting.Orleans;

/// <summary>
/// The grains of a cluster, asked from outside or inside of it. A call that a dying silo took with it is asked again, where that
/// moves no money twice: reads, and commands under a request id.
/// </summary>
/// <param name="factory">Orleans' client, or a silo's own.</param>
/// <param name="time">Measures waiting.</param>
public sealed class OrleansGrains(IGrainFactory factory, TimeProvider time) : IGrains
{
    /// <summary>Within this every call ends.</summary>
    public static readonly TimeSpan CallTime = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take before the call is made again beside the one under way.</summary>
    public static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(1);

    // After that, often enough to be there soon when the cluster knows that a silo is dead; a repeat costs no row.
    private static readonly TimeSpan NextAttemptTime = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private const uint Readers = 61;

    private int reads;

    /// <inheritdoc/>
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        IHostedGrain target = Target(factory, grain);
        return this.AskAsync(message => target.AskAsync(message).AsTask(), command, ct);
    }

    /// <summary>
    /// As for any grains; but the guard is read by whichever silo is near, not by the one that its grain lives on. The guard of most
    /// calls is one and the same account: its silo would have to answer twice for every call, and would hold up all when it dies.
    /// </summary>
    /// <inheritdoc/>
    public async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        Reply read = await this.AskAsync(message => this.NearBy().AskAsync(guard.Grain.Path, message).AsTask(), guard.Read, ct);
        return guard.Allows(read) ? new GuardedReply(read, await this.AskAsync(grain, command, ct)) : new GuardedReply(read, null);
    }

    // The client leads each of them to one of its connections: of two attempts in a row the second most likely goes elsewhere.
    private IReaderGrain NearBy() => factory.GetGrain<IReaderGrain>((int)((uint)Interlocked.Increment(ref this.reads) % Readers));

    private async ValueTask<Reply> AskAsync(Func<Immutable<byte[]>, Task<Immutable<byte[]>>> ask, Command command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Immutable<byte[]> message = new(CommandMessage.Write(command));
        bool repeatable = command.IsRead || command.RequestId is not null;
        long began = time.GetTimestamp();
        Task<Immutable<byte[]>> call = ask(message);
        try
        {
            return ReplyMessage.Read((await call.WaitAsync(repeatable ? AttemptTime : CallTime, time, ct)).Value);
        }
        catch (Exception e) when (Lost.Is(e))
        {
            return repeatable
                ? await this.AskAgainAsync(() => ask(message), call, command.IsRead, began, ct)
                : NoAnswer(isRead: false);
        }
    }

    // The first answer of all that are under way counts: they are answers to one request id, or reads begun after the caller asked.
    private async Task<Reply> AskAgainAsync(
        Func<Task<Immutable<byte[]>>> ask, Task<Immutable<byte[]>> first, bool isRead, long began, CancellationToken ct)
    {
        List<Task<Immutable<byte[]>>> calls = first.IsCompleted ? [] : [first];
        while (true)
        {
            TimeSpan left = CallTime - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                calls.ForEach(Lost.Observe);
                return NoAnswer(isRead);
            }

            calls.Add(ask());
            long asked = time.GetTimestamp();
            TimeSpan patience = left < NextAttemptTime ? left : NextAttemptTime;
            while (calls.Count > 0 && time.GetElapsedTime(asked) is var waited && waited < patience)
            {
                try
                {
                    Task<Immutable<byte[]>> ended = await Task.WhenAny(calls).WaitAsync(patience - waited, time, ct);
                    calls.Remove(ended);
                    Reply reply = ReplyMessage.Read((await ended).Value);
                    calls.ForEach(Lost.Observe);
                    return reply;
                }
                catch (Exception e) when (Lost.Is(e))
                {
                    // A time that is over, or a silo that is gone: there is another attempt, or the end of the call's time.
                    Debug.Assert(e is not null, "Filtered above.");
                }
            }

            if (calls.Count == 0)
            {
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    /// <summary>The adapter of a grain.</summary>
    internal static IHostedGrain Target(IGrainFactory factory, GrainId grain) => grain.Kind switch
    {
        GrainId.AccountKind => factory.GetGrain<IAccountGrain>(grain.Key),
        GrainId.KeyKind => factory.GetGrain<IKeyGrain>(grain.Key),
        string kind => throw new ArgumentException($"There is no grain of kind '{kind}'.", nameof(grain)),
    };

    private static Denied NoAnswer(bool isRead) => isRead
        ? new Denied(Outcome.Unavailable, Detail: "No silo answered in time; repeat the request.")
        : new Denied(Outcome.InDoubt, Detail: "The silo that was asked did not answer in time.");
}
