using System.Diagnostics;
using Orleans.Concurrency;
using OrleansBilling.Hosting.Orleans.Gateways;
using OrleansBilling.Hosting.Orleans.Grains;
using OrleansBilling.Hosting.Orleans.Wire;

namespace OrleansBilling.Hosting.Orleans;

/// <summary>
/// The grains of a cluster, asked from outside or inside of it. A call that a dying silo took with it is asked again, where that
/// moves no money twice: reads, and commands under a request id.
/// </summary>
/// <param name="gateways">The ways into the cluster.</param>
/// <param name="time">Measures waiting.</param>
public sealed class OrleansGrains(IGateways gateways, TimeProvider time) : IGrains
{
    /// <summary>Within this every call ends.</summary>
    public static readonly TimeSpan CallTime = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take before the call is made again beside the one under way.</summary>
    public static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(1);

    // After that, often enough to be there soon when the cluster knows that a silo is dead; a repeat costs no row.
    private static readonly TimeSpan NextAttemptTime = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        return this.AskAsync(
            grain,
            async (gateway, message) =>
            {
                HostedAnswer answer = await Target(gateway.Factory, grain).AskAsync(message);
                gateways.Learn(grain, answer.Silo);
                return answer.Reply;
            },
            command,
            ct);
    }

    /// <summary>
    /// As for any grains; but the guard is read by the silo that the command will go to, not by the one that its grain lives on. The
    /// guard of most calls is one and the same account: its silo would have to answer twice for every call, and would hold up all
    /// when it dies.
    /// </summary>
    /// <inheritdoc/>
    public async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        Reply read = await this.AskAsync(
            grain, async (gateway, message) => (await gateway.Factory.GetGrain<IReaderGrain>(0).AskAsync(guard.Grain.Path, message)).Value, guard.Read, ct);
        return guard.Allows(read) ? new GuardedReply(read, await this.AskAsync(grain, command, ct)) : new GuardedReply(read, null);
    }

    private async ValueTask<Reply> AskAsync(
        GrainId grain, Func<Gateway, Immutable<byte[]>, Task<byte[]>> ask, Command command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Immutable<byte[]> message = new(CommandMessage.Write(command));
        bool repeatable = command.IsRead || command.RequestId is not null;
        long began = time.GetTimestamp();
        Gateway gateway = gateways.To(grain);
        Task<byte[]> call = ask(gateway, message);
        try
        {
            return ReplyMessage.Read(repeatable ? await this.FirstAsync(call, gateway, ct) : await call.WaitAsync(CallTime, time, ct));
        }
        catch (Exception e) when (Lost.Is(e))
        {
            return repeatable
                ? await this.AskAgainAsync(g => ask(g, message), gateway, call, command.IsRead, began, ct)
                : NoAnswer(isRead: false);
        }
    }

    // Whoever waits at a silo that falls silent need not wait for his time to end.
    private async Task<byte[]> FirstAsync(Task<byte[]> call, Gateway gateway, CancellationToken ct)
    {
        using CancellationTokenSource? either = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct, gateway.Silence) : null;
        try
        {
            return await call.WaitAsync(AttemptTime, time, either?.Token ?? gateway.Silence);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException("The silo fell silent.", e);
        }
    }

    // The first answer of all that are under way counts: they are answers to one request id, or reads begun after the caller asked.
    private async Task<Reply> AskAgainAsync(
        Func<Gateway, Task<byte[]>> ask, Gateway tried, Task<byte[]> first, bool isRead, long began, CancellationToken ct)
    {
        List<Task<byte[]>> calls = first.IsCompleted ? [] : [first];
        while (true)
        {
            TimeSpan left = CallTime - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                calls.ForEach(Lost.Observe);
                return NoAnswer(isRead);
            }

            tried = gateways.Next(tried);
            calls.Add(ask(tried));
            long asked = time.GetTimestamp();
            TimeSpan patience = left < NextAttemptTime ? left : NextAttemptTime;
            while (calls.Count > 0 && time.GetElapsedTime(asked) is var waited && waited < patience)
            {
                try
                {
                    Task<byte[]> ended = await Task.WhenAny(calls).WaitAsync(patience - waited, time, ct);
                    calls.Remove(ended);
                    Reply reply = ReplyMessage.Read(await ended);
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
