namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>The ways into a cluster.</summary>
public interface IGateways
{
    /// <summary>The way to a grain: straight to the silo where it was last, if that one answers.</summary>
    /// <param name="grain">The grain.</param>
    Gateway To(GrainId grain);

    /// <summary>The way to a silo: its own gateway, where it is connected, else any.</summary>
    /// <param name="silo">Its number.</param>
    Gateway At(int silo);

    /// <summary>Another way than the one tried, if there is one; one whose silo answers, if one does.</summary>
    /// <param name="tried">The way that brought no answer; null where none was tried.</param>
    Gateway Next(Gateway? tried = null);

    /// <summary>Takes note of where a grain lives.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="silo">The number of the silo that answered for it.</param>
    void Learn(GrainId grain, int silo);

    /// <summary>Whether some silo answers.</summary>
    /// <param name="patience">How long to wait for it.</param>
    /// <param name="ct">Gives up.</param>
    Task<bool> IsConnectedAsync(TimeSpan patience, CancellationToken ct);
}
