namespace OrleansBilling.Simulation;

/// <summary>Something is not as the design says.</summary>
/// <param name="check">Which check found it.</param>
/// <param name="message">What was found.</param>
internal sealed class Violation(string check, string message) : Exception(message)
{
    public string Check => check;
}
