namespace OrleansBilling;

/// <summary>
/// Something that happened to one grain, as the journal keeps it. Events carry everything that was resolved when the command
/// was decided (prices, window bounds, the grants taken from), so that applying one needs nothing but the state, and so that
/// the row alone yields the reply to a repeat.
/// </summary>
public abstract record Event
{
    private protected Event()
    {
    }
}
