using OrleansBilling.Bench.Measuring;

namespace OrleansBilling.Bench.Rows;

/// <summary>One row of the table.</summary>
internal interface IRow
{
    /// <summary>The row's name in table and JSON.</summary>
    string Name { get; }

    /// <summary>How it was run, for example the client count; known once prepared.</summary>
    string How { get; }

    /// <summary>True for a figure that is not a rate and does not vary: measured once, before all others.</summary>
    bool Once => false;

    /// <summary>What is done once, before any round: seeding, choosing the client count.</summary>
    Task PrepareAsync();

    /// <summary>Measures it once.</summary>
    /// <param name="duration">For how long.</param>
    Task<Sample> RunAsync(TimeSpan duration);
}
