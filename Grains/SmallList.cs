namespace OrleansBilling.Grains;

/// <summary>
/// A list for the many grains that have none or one of something: no object of its own, no array while empty. A field, never
/// copied.
/// </summary>
internal struct SmallList<T>
{
    // Kept through emptiness, so that one hold coming and going allocates no array each time.
    private const int KeptLength = 4;

    private T[]? items;
    private int count;

    public readonly int Count => this.count;

    public readonly ref T this[int index] => ref this.items![index];

    public readonly Span<T> AsSpan() => new(this.items, 0, this.count);

    public void Add(T item) => this.Insert(this.count, item);

    public void Insert(int index, T item)
    {
        if (this.items is null)
        {
            this.items = new T[1];
        }
        else if (this.count == this.items.Length)
        {
            Array.Resize(ref this.items, this.count * 2);
        }

        Array.Copy(this.items, index, this.items, index + 1, this.count - index);
        this.items[index] = item;
        this.count++;
    }

    public void RemoveAt(int index) => this.RemoveRange(index, 1);

    public void RemoveRange(int index, int length)
    {
        if (length == 0)
        {
            return;
        }

        Array.Copy(this.items!, index + length, this.items!, index, this.count - index - length);
        this.count -= length;
        Array.Clear(this.items!, this.count, length);
        if (this.items!.Length > KeptLength && this.count <= this.items.Length / 4)
        {
            this.items = this.count == 0 ? null : this.items.AsSpan(0, this.count).ToArray();
        }
    }

    public readonly T[] ToArray() => this.AsSpan().ToArray();
}
