namespace OrleansBilling.Simulation.Kernel;

/// <summary>What will happen, by time; what is to happen at the same time, in the order it was asked for.</summary>
internal sealed class EventQueue
{
    private (long Due, long Order, SimEvent Event)[] heap = new (long, long, SimEvent)[256];
    private long order;

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
        int at = 0;
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

            if (!IsBefore(in this.heap[child], in last))
            {
                break;
            }

            this.heap[at] = this.heap[child];
            at = child;
        }

        if (this.Count > 0)
        {
            this.heap[at] = last;
        }

        return (due, next);
    }

    private static bool IsBefore(in (long Due, long Order, SimEvent Event) x, in (long Due, long Order, SimEvent Event) y) =>
        x.Due != y.Due ? x.Due < y.Due : x.Order < y.Order;
}
