namespace OrleansBilling.Simulation.Kernel;

/// <summary>What will happen, by time; what is to happen at the same time, in the order it was asked for.</summary>
internal sealed class EventQueue
{
    // Fewer are not worth the trouble.
    private const int OverMin = 64;
    private (long Due, long Order, SimEvent Event)[] heap = new (long, long, SimEvent)[256];
    private long order;
    private int over;

    public int Count { get; private set; }

    /// <summary>When the next one is due. There must be one.</summary>
    public long NextDue => this.heap[0].Due;

    public void Add(long due, SimEvent next)
    {
        if (this.Count == this.heap.Length)
        {
            Array.Resize(ref this.heap, this.Count * 2);
        }

        (long Due, long Order, SimEvent Event) entry = (due, this.order++, next);
        int at = this.Count++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (!IsBefore(in entry, in this.heap[parent]))
            {
                break;
            }

            this.heap[at] = this.heap[parent];
            at = parent;
        }

        this.heap[at] = entry;
    }

    public (long Due, SimEvent Event) Take()
    {
        (long due, _, SimEvent next) = this.heap[0];
        (long Due, long Order, SimEvent Event) last = this.heap[--this.Count];
        this.heap[this.Count] = default;
        if (this.Count > 0)
        {
            this.Sink(0, last);
        }

        return (due, next);
    }

    /// <summary>One of them will never happen. Once that is true of half of them they leave, and what they hold on to with them.</summary>
    public void CountOver()
    {
        if (++this.over < OverMin || this.over < this.Count / 2)
        {
            return;
        }

        this.over = 0;
        int kept = 0;
        for (int i = 0; i < this.Count; i++)
        {
            if (!this.heap[i].Event.IsOver)
            {
                this.heap[kept++] = this.heap[i];
            }
        }

        Array.Clear(this.heap, kept, this.Count - kept);
        this.Count = kept;
        for (int i = (kept / 2) - 1; i >= 0; i--)
        {
            this.Sink(i, this.heap[i]);
        }
    }

    private void Sink(int at, (long Due, long Order, SimEvent Event) entry)
    {
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= this.Count)
            {
                break;
            }

            if (child + 1 < this.Count && IsBefore(in this.heap[child + 1], in this.heap[child]))
            {
                child++;
            }

            if (!IsBefore(in this.heap[child], in entry))
            {
                break;
            }

            this.heap[at] = this.heap[child];
            at = child;
        }

        this.heap[at] = entry;
    }

    private static bool IsBefore(in (long Due, long Order, SimEvent Event) x, in (long Due, long Order, SimEvent Event) y) =>
        x.Due != y.Due ? x.Due < y.Due : x.Order < y.Order;
}
