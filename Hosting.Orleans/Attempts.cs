using System.Diagnostics;
using OrleansBilling.Hosting.Orleans.Gateways;

namespace OrleansBilling.Hosting.Orleans;

/// <summary>
/// Makes calls into a cluster: by one way at first, and again by others where the answer is lost and a repeat moves no money twice.
/// </summary>
/// <param name="gateways">The ways into the cluster.</param>
/// <param name="time">Measures waiting.</param>
internal sealed class Attempts(IGateways gateways, TimeProvider time)
{
    // After the first attempt, often enough to be there soon when the cluster knows that a silo is dead; a repeat costs no row.
    private static readonly TimeSpan NextAttemptTime = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes a call, until it is answered or its time is over.</summary>
    /// <typeparam name="T">What an answer is.</typeparam>
    /// <param name="grain">The grain that it is for, which says the way.</param>
    /// <param name="ask">Makes one attempt by a way.</param>
    /// <param name="isRepeatable">Whether there may be another: of what only looks, or has a request id.</param>
    /// <param name="began">When the call's time began.</param>
    /// <param name="ct">The caller gave up.</param>
    public async ValueTask<Answer<T>> AskAsync<T>(GrainId grain, Func<Gateway, Task<T>> ask, bool isRepeatable, long began, CancellationToken ct)
        where T : class
    {
        ct.ThrowIfCancellationRequested();
        Gateway gateway = gateways.To(grain);
        TimeSpan left = this.Left(began);
        Task<T> call = ask(gateway);
        try
        {
            return new Answer<T>(isRepeatable ? await this.FirstAsync(call, gateway, left, ct) : await call.WaitAsync(left, time, ct), IsRepeated: false);
        }
        catch (Exception e) when (Lost.Is(e))
        {
            if (isRepeatable)
            {
                return await this.AskAgainAsync(ask, gateway, call, began, ct);
            }

            Lost.Observe(call);
            return default;
        }
    }

    // What is left of a call's time; none when it is over.
    private TimeSpan Left(long began)
    {
        TimeSpan left = OrleansGrains.CallTime - time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    // Whoever waits at a silo that falls silent need not wait for his time to end.
    private async Task<T> FirstAsync<T>(Task<T> call, Gateway gateway, TimeSpan left, CancellationToken ct)
    {
        using CancellationTokenSource? either = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct, gateway.Silence) : null;
        try
        {
            return await call.WaitAsync(left < OrleansGrains.AttemptTime ? left : OrleansGrains.AttemptTime, time, either?.Token ?? gateway.Silence);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException("The silo fell silent.", e);
        }
    }

    // The first answer of all that are under way counts: they are answers to the same request ids, or reads begun after the caller asked.
    private async Task<Answer<T>> AskAgainAsync<T>(Func<Gateway, Task<T>> ask, Gateway tried, Task<T> first, long began, CancellationToken ct)
        where T : class
    {
        List<Task<T>> calls = first is { IsCompleted: true, IsCompletedSuccessfully: false } ? [] : [first];
        while (true)
        {
            TimeSpan left = this.Left(began);
            if (left == TimeSpan.Zero)
            {
                calls.ForEach(Lost.Observe);
                return default;
            }

            tried = gateways.Next(tried);
            calls.Add(ask(tried));
            long asked = time.GetTimestamp();
            TimeSpan patience = left < NextAttemptTime ? left : NextAttemptTime;
            while (calls.Count > 0 && time.GetElapsedTime(asked) is var waited && waited < patience)
            {
                try
                {
                    Task<T> ended = await Task.WhenAny(calls).WaitAsync(patience - waited, time, ct);
                    calls.Remove(ended);
                    T answer = await ended;
                    calls.ForEach(Lost.Observe);
                    return new Answer<T>(answer, IsRepeated: true);
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
}

/// <summary>What came of a call.</summary>
/// <typeparam name="T">What an answer is.</typeparam>
/// <param name="Value">The answer; null where none came in time.</param>
/// <param name="IsRepeated">Whether there was another attempt, of which nobody knows what it did or still does.</param>
internal readonly record struct Answer<T>(T? Value, bool IsRepeated)
    where T : class;
