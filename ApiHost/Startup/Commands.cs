using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>What the program can be told to do. Each returns the process's exit code: 0 done, 1 not done, 2 wrongly asked.</summary>
internal static class Commands
{
    private const string Usage = """
        usage: ApiHost [settings]            runs the billing host
               ApiHost admin-key [settings]  makes another admin key and prints it
               ApiHost verify [settings]     proves the journal's chains
        settings: --Billing:ConnectionString=…, --urls=http://127.0.0.1:8080, and others as in appsettings.json
        """;

    /// <summary>Does what the command line says.</summary>
    /// <param name="args">The command line.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        bool hasVerb = args.Length > 0 && !args[0].StartsWith('-') && !args[0].StartsWith('/');
        WebApplicationBuilder builder = Frontend.CreateBuilder(hasVerb ? args[1..] : args);
        BillingOptions options = BillingOptionsReader.Read(builder.Configuration, out IReadOnlyList<string> mistakes);
        foreach (string mistake in mistakes)
        {
            await Console.Error.WriteLineAsync(mistake);
        }

        if (mistakes.Count > 0)
        {
            return 2;
        }

        try
        {
            await using WebApplication app = builder.Build();
            switch (hasVerb ? args[0] : "run")
            {
                case "run":
                    return await ServeAsync(app, options);
                case "admin-key":
                    return await MakeAdminKeyAsync(app, options);
                case "verify":
                    return await VerifyAsync(options);
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (StartException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<int> ServeAsync(WebApplication app, BillingOptions options)
    {
        // Disposed after the server has stopped: finishes turns, commits, writes snapshots.
        await using Backend backend = await Backend.StartAsync(options, app.Services.GetRequiredService<ILoggerFactory>());
        string? firstAdminKey = await backend.EnsureSystemAsync();
        backend.StartOutbox(app.Services.GetRequiredService<ILogger<KeyOutbox>>());
        Frontend.Map(app, backend.Engine, backend.Pepper, options, TimeProvider.System, backend.Journal.Transactions);
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            throw new StartException($"The host cannot listen: {e.Message} Choose another address with --urls.");
        }

        await Console.Out.WriteLineAsync(Banner.Text(app.Urls.First(), options.DataFolder, firstAdminKey));
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> MakeAdminKeyAsync(WebApplication app, BillingOptions options)
    {
        await using Backend backend = await Backend.StartAsync(options, app.Services.GetRequiredService<ILoggerFactory>());
        await backend.EnsureSystemAsync();
        await Console.Out.WriteLineAsync(await new FirstStart(backend.Engine, backend.Issuer).MakeAdminKeyAsync());
        return 0;
    }

    private static async Task<int> VerifyAsync(BillingOptions options)
    {
        VerifyResult result;
        try
        {
            result = await ChainVerifier.VerifyAsync(options.ConnectionString ?? throw new StartException(Backend.NoConnectionString), CancellationToken.None);
        }
        catch (JournalUnavailableException e)
        {
            throw new StartException(e.Message);
        }

        foreach (BrokenGrain broken in result.Broken)
        {
            await Console.Error.WriteLineAsync($"{broken.Grain}, row {broken.Seq}: {broken.Reason}");
        }

        await Console.Out.WriteLineAsync($"{result.Grains} grains, {result.Rows} rows, {result.Snapshots} snapshots: {(result.IsWhole ? "every chain is whole" : $"{result.BrokenCount} broken")}");
        return result.IsWhole ? 0 : 1;
    }
}
