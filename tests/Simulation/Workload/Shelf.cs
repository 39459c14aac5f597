using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Workload;

/// <summary>What clients remember of one account, to refer to: numbers and requests, the newest ones and a few old ones.</summary>
internal sealed class Shelf(GrainId grain)
{
    private const int Room = 64;

    public GrainId Grain => grain;

    public List<long> Holds { get; } = [];

    public List<long> Charges { get; } = [];

    public List<Call> Requests { get; } = [];

    /// <summary>The newest row that anybody was told of.</summary>
    public long Newest { get; set; }

    /// <summary>The newest request, which impatient clients repeat while it is under way.</summary>
    public Call? Latest { get; set; }

    /// <summary>Keeps one more; when there is no room, in the place of any other.</summary>
    public static void Keep<T>(List<T> list, T item, SimRandom random)
    {
        if (list.Count < Room)
        {
            list.Add(item);
        }
        else
        {
            list[random.Below(Room)] = item;
        }
    }
}
