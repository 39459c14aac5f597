using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Projects the journal into sums by account and hour, in steps that any number of hosts may take, and paces them: each is rested from
/// before the next, whoever asks for it.
/// </summary>
public sealed class UsageProjector : IDisposable
{
    // The more rows a step has, the more of them are one account's, and the less each costs. One that failed, or that another host was
    // first with, is tried again with less.
    private const int StepRows = 2_000_000;
    private const int FirstStepRows = 200_000;
    private const int LeastStepRows = 1_000;

    // Whoever waits for an answer takes small steps.
    private const int CatchUpRows = 5_000;

    // The longer a step took the longer it rests, and the more rows of an account there are then, the less each one costs.
    private const int RestFactor = 2;

    private static readonly TimeSpan RestPerRowMax = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1);
    private int stepRows = FirstStepRows;

    // Timestamps: when the last step began, and until when it is rested from; and when it began by PostgreSQL's clock.
    private long lastBegan;
    private long restsUntil;
    private long lastNowNanos;

    internal UsageProjector(NpgsqlDataSource sessions, TimeProvider time)
    {
        this.Steps = new UsageSteps(sessions);
        this.time = time;
    }

    /// <summary>The steps.</summary>
    internal UsageSteps Steps { get; }

    /// <summary>How many rows this host added to the sums.</summary>
    public long RowsAdded => this.Steps.RowsAdded;

    /// <summary>All that was acknowledged before is in the sums, as far as this host has seen, in nanos since the Unix epoch; null while it has not.</summary>
    public long? AsOfNanos => this.Steps.AsOfNanos;

    /// <summary>
    /// Takes a step, rested from the last one: twice as long as that took, so that charging keeps two thirds of the time.
    /// </summary>
    /// <param name="yields">Whether to leave it to another host that took the last one, as long as it goes on.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<UsageProgress> ProjectAsync(bool yields, CancellationToken ct)
    {
        await this.turn.WaitAsync(ct);
        int wanted = this.stepRows;
        try
        {
            await Task.Delay(this.RestLeft(), this.time, ct);
            this.stepRows = Math.Max(wanted / 4, LeastStepRows);
            UsageProgress progress = await this.TakeAsync(wanted, yields, ct);
            if (!progress.IsLost)
            {
                this.stepRows = Math.Min(wanted * 2, StepRows);
            }

            return progress;
        }
        finally
        {
            this.turn.Release();
        }
    }

    /// <summary>
    /// Takes steps until all that was acknowledged before the call is in the sums, or for some time: a host that is busy or rests, or a
    /// long transaction anywhere on the server, may keep rows back. Calls at the same time share steps.
    /// </summary>
    /// <param name="patience">How long it may go on; a step that was begun is ended.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Up to when the sums are complete, in nanos since the Unix epoch; null while that is not known.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<long?> CatchUpAsync(TimeSpan patience, CancellationToken ct)
    {
        long began = this.time.GetTimestamp();
        long? wanted = null;
        while (true)
        {
            TimeSpan left = Left();
            if (left <= this.RestLeft() || !await this.turn.WaitAsync(left, ct))
            {
                // Another one's long step is under way, or was a moment ago.
                return this.AsOfNanos;
            }

            UsageProgress progress;
            try
            {
                // Another one's step that began later shows what was acknowledged before, and may have been enough.
                wanted ??= this.lastBegan > began ? this.lastNowNanos : null;
                if (this.AsOfNanos >= wanted)
                {
                    return this.AsOfNanos;
                }

                TimeSpan rest = this.RestLeft();
                if (rest >= Left())
                {
                    return this.AsOfNanos;
                }

                await Task.Delay(rest, this.time, ct);

                // Whoever asked may have gone: what the host knows of accounts must not go with a step that is broken off.
                progress = await this.TakeAsync(CatchUpRows, false, CancellationToken.None);
            }
            finally
            {
                this.turn.Release();
            }

            wanted ??= progress.NowNanos;
            if (progress.AsOfNanos >= wanted || Left() <= TimeSpan.Zero)
            {
                return progress.AsOfNanos;
            }

            if (!progress.More)
            {
                await Task.Delay(Pause, this.time, ct);
            }
        }

        TimeSpan Left() => patience - this.time.GetElapsedTime(began);
    }

    /// <inheritdoc/>
    public void Dispose() => this.turn.Dispose();

    private async Task<UsageProgress> TakeAsync(int rowsMax, bool yields, CancellationToken ct)
    {
        long began = this.time.GetTimestamp();
        UsageProgress progress = await this.Steps.TakeAsync(rowsMax, yields, ct);
        TimeSpan took = this.time.GetElapsedTime(began);
        (this.lastBegan, this.lastNowNanos) = (began, progress.NowNanos);

        // Not from a step that was long but added little: the first of a process, or one that waited for the disk.
        TimeSpan longest = progress.IsLost ? TimeSpan.MaxValue : progress.Rows * RestPerRowMax;
        this.Rest(RestFactor * took < longest ? RestFactor * took : longest);
        return progress;
    }

    private void Rest(TimeSpan rest) => Volatile.Write(ref this.restsUntil, this.time.GetTimestamp() + (long)(rest.TotalSeconds * this.time.TimestampFrequency));

    private TimeSpan RestLeft()
    {
        long now = this.time.GetTimestamp();
        long until = Volatile.Read(ref this.restsUntil);
        return until > now ? this.time.GetElapsedTime(now, until) : TimeSpan.Zero;
    }
}
