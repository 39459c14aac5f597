namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// Whether to look a new request id up before its turn. Normally only ids that left a window are; while the journal keeps refusing
/// ids that nobody here remembers (late repeats after a restart), all are, because a refusal costs a whole batch.
/// </summary>
internal sealed class RepeatForecast(RepeatFilter filter, TimeProvider time)
{
    private const int RefusalsThatTellPerSecond = 5;
    private static readonly TimeSpan Attention = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private long windowStart;
    private int inWindow;
    private long attentiveUntil;

    /// <summary>Whether to look the id up first.</summary>
    public bool ShouldLookUp(string grain, string requestId) =>
        filter.MayContain(grain, requestId) || (Volatile.Read(ref this.attentiveUntil) != 0 && this.IsAttentive());

    /// <summary>A repeat came that was not foreseen, or was found by looking everything up.</summary>
    public void Count()
    {
        lock (this.gate)
        {
            long now = time.GetTimestamp();
            if (time.GetElapsedTime(this.windowStart, now) > TimeSpan.FromSeconds(1))
            {
                this.windowStart = now;
                this.inWindow = 0;
            }

            if (++this.inWindow >= RefusalsThatTellPerSecond)
            {
                this.attentiveUntil = now + (long)(Attention.TotalSeconds * time.TimestampFrequency);
            }
        }
    }

    private bool IsAttentive()
    {
        if (time.GetTimestamp() < Volatile.Read(ref this.attentiveUntil))
        {
            return true;
        }

        Volatile.Write(ref this.attentiveUntil, 0);
        return false;
    }
}
