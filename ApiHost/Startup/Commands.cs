using OrleansBilling.ApiHost.Accounts;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Heads;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Telemetry;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>What the program can be told to do. Each returns the process's exit code: 0 done, 1 not done, 2 wrongly asked.</summary>
internal static class Commands
{
    private const string Usage = """
        usage: ApiHost [settings]            runs the billing host
               ApiHost admin-key [settings]  makes another admin key and prints it
               ApiHost replace-pepper [settings]
                                             makes this host's pepper the database's; each key is then proven by its hash once
               ApiHost verify [settings]     proves the journal's chains, against the exported heads too
        settings: --Billing:ConnectionString=…, --urls=http://127.0.0.1:8080, and others as in appsettings.json
        """;

    /// <summary>Does what the command line says.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="errors">Receives what keeps it from being done; standard error where none is given.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter? errors = null)
    {
        errors ??= Console.Error;
        bool hasVerb = args.Length > 0 && !args[0].StartsWith('-') && !args[0].StartsWith('/');
        WebApplicationBuilder builder = Frontend.CreateBuilder(hasVerb ? args[1..] : args);
        BillingOptions options = BillingOptionsReader.Read(builder.Configuration, out IReadOnlyList<string> mistakes);
        foreach (string mistake in mistakes)
        {
            await errors.WriteLineAsync(mistake);
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
                case "replace-pepper":
                    await Console.Out.WriteLineAsync(await Backend.ReplacePepperAsync(options, app.Services.GetRequiredService<ILoggerFactory>()));
                    return 0;
                case "verify":
                    return await VerifyCommand.RunAsync(options, Console.Out, errors);
                default:
                    await errors.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (StartException e)
        {
            await errors.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<int> ServeAsync(WebApplication app, BillingOptions options)
    {
        using TelemetryExport? telemetry = TelemetryExport.Start(app.Configuration, "billing-host");

        // Disposed after the server has stopped: finishes turns, commits, writes snapshots.
        await using Backend backend = await Backend.StartAsync(options, app.Configuration, app.Services.GetRequiredService<ILoggerFactory>());
        Frontend.Map(app, backend.FrontendParts(options));
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // In use, not this machine's, not allowed, not an address at all: whatever the server says of it.
            throw new StartException($"The host cannot listen: {e.Message} Choose another address, as in --urls=http://127.0.0.1:8081");
        }

        // Only now: the first admin key is shown once, and a host that cannot listen would end before it could show it.
        string? firstAdminKey = await backend.EnsureSystemAsync();
        backend.StartOutbox(app.Services.GetRequiredService<ILogger<KeyOutbox>>());
        backend.StartUses(app.Services.GetRequiredService<ILogger<KeyUseLog>>());
        backend.StartDirectory(app.Services.GetRequiredService<ILogger<DirectoryProjection>>());
        backend.StartUsage(app.Services.GetRequiredService<ILogger<UsageProjection>>());
        backend.StartHeads(options, app.Services.GetRequiredService<ILogger<HeadsExport>>());
        await Console.Out.WriteLineAsync(Banner.Text(app.Urls.First(), options, firstAdminKey));
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> MakeAdminKeyAsync(WebApplication app, BillingOptions options)
    {
        await using Backend backend = await Backend.StartAsync(options, app.Configuration, app.Services.GetRequiredService<ILoggerFactory>());

        // In a new database it is the first one: no key should be made that nobody is shown.
        await Console.Out.WriteLineAsync(await backend.EnsureSystemAsync() ?? await new FirstStart(backend.Grains, backend.Issuer).MakeAdminKeyAsync());
        return 0;
    }
}
