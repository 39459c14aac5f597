using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Loads of one grain.</summary>
public static class Loading
{
    /// <summary>All that is stored of a grain.</summary>
    public static Task<StoredGrain> LoadAsync(this IJournal journal, GrainId grain, CancellationToken ct) => journal.LoadAsync(grain, int.MaxValue, ct);

    /// <summary>A grain's newest valid snapshot and the first rows after it.</summary>
    public static async Task<StoredGrain> LoadAsync(this IJournal journal, GrainId grain, int maxRows, CancellationToken ct) =>
        (await journal.LoadAsync([grain], maxRows, ct))[0];
}
