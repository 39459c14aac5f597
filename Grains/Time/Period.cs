namespace OrleansBilling.Grains.Time;

/// <summary>A span of time <c>[Start, End)</c> in nanos since the Unix epoch; the default contains nothing.</summary>
/// <param name="Start">The first instant in it.</param>
/// <param name="End">The first instant after it.</param>
public readonly record struct Period(long Start, long End)
{
    /// <summary>Whether the instant lies in it.</summary>
    /// <param name="nanos">Nanos since the Unix epoch.</param>
    public bool Contains(long nanos) => nanos >= this.Start && nanos < this.End;
}
