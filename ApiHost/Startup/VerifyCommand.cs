using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Heads;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>Proves the journal: every chain by itself, and against the heads that were exported.</summary>
internal static class VerifyCommand
{
    /// <summary>Does so and tells what it found.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="output">Receives the sum.</param>
    /// <param name="errors">Receives what is broken.</param>
    /// <returns>0 when all is whole, otherwise 1.</returns>
    /// <exception cref="StartException">It cannot be done; the message says why.</exception>
    public static async Task<int> RunAsync(BillingOptions options, TextWriter output, TextWriter errors)
    {
        string database = options.ConnectionString ?? throw new StartException(Backend.NoConnectionString);
        HeadsFolder? folder = Folder(options);
        VerifyResult result;
        try
        {
            result = await ChainVerifier.VerifyAsync(database, folder?.ReadAll() ?? [], CancellationToken.None);
        }
        catch (JournalUnavailableException e)
        {
            throw new StartException(e.Message);
        }

        IReadOnlyList<string> problems = folder?.Problems ?? [];
        foreach (string problem in problems.Concat(result.Broken.Select(static b => $"{b.Grain}, row {b.Seq}: {b.Reason}")))
        {
            await errors.WriteLineAsync(problem);
        }

        bool whole = result.IsWhole && problems.Count == 0;
        await output.WriteLineAsync(
            $"{result.Grains} grains, {result.Rows} rows, {result.Snapshots} snapshots, {result.Heads} exported heads: "
            + (whole ? "every chain is whole" : $"{result.BrokenCount} broken, {problems.Count} files not believed or missing"));
        await output.WriteLineAsync(
            folder is null ? $"There are no exported heads in '{options.HeadsFolder}': rows cut off a chain's end cannot be seen."
            : folder.Newest is { } newest ? $"The newest heads are of {newest.Header.At:u}: rows cut off that were written later cannot be seen."
            : "None of the exported heads can be believed: rows cut off a chain's end cannot be seen.");
        return whole ? 0 : 1;
    }

    private static HeadsFolder? Folder(BillingOptions options)
    {
        // A proof must not make a pepper, which would prove nothing.
        bool hasPepper = (options.Pepper ?? options.PepperFile) is not null || File.Exists(Path.Combine(options.DataFolder, Pepper.FileName));
        return HeadsFolder.IsEmpty(options.HeadsFolder) ? null
            : hasPepper ? new HeadsFolder(options.HeadsFolder, PepperSource.Take(options))
            : throw new StartException(
                $"The exported heads in '{options.HeadsFolder}' cannot be proven without the hosts' pepper: set Billing:PepperFile, or Billing:DataFolder to the folder with it.");
    }
}
