using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>
/// The days of an account one after the other, or its months. Where it was moved to another zone, the window that ran then goes on to
/// its end, and from there on they are the new zone's: the first of them begins at that end, whenever it would have begun there.
/// </summary>
/// <param name="windowOf">The window of a zone that an instant is in.</param>
/// <param name="first">The zone in which the account was opened.</param>
internal sealed class Timeline(Func<string, long, Window> windowOf, string first)
{
    private readonly List<(long From, string Zone)> zones = [(long.MinValue, first)];
    private Window? last;

    /// <summary>The window that an instant is in, of any time: what was so once stays so.</summary>
    public Window At(long nanos)
    {
        if (this.last is { } again && nanos >= again.StartNanos && nanos < again.EndNanos)
        {
            return again;
        }

        int i = this.zones.Count - 1;
        while (nanos < this.zones[i].From)
        {
            i--;
        }

        Window window = windowOf(this.zones[i].Zone, nanos);
        return this.last = window.StartNanos < this.zones[i].From ? window with { StartNanos = this.zones[i].From } : window;
    }

    /// <summary>The account is moved.</summary>
    public void Move(string zone, long nowNanos)
    {
        long from = this.At(nowNanos).EndNanos;

        // Another move within the same window: the zone between the two never began.
        this.zones.RemoveAll(z => z.From >= from);
        this.zones.Add((from, zone));
        this.last = null;
    }
}
