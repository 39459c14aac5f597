namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>Somewhere that requests can be sent to.</summary>
public interface IPlace
{
    /// <summary>Where to send requests; waits while nothing is there.</summary>
    Task<Uri> AddressAsync();
}
