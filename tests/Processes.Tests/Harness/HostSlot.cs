using Xunit;

namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>
/// A place where a host runs, is killed and runs again. Clients ask it where to go and wait while nothing is there.
/// </summary>
/// <param name="settings">How the hosts of this place are configured.</param>
public sealed class HostSlot(HostSettings settings) : IPlace, IAsyncDisposable
{
    private const int StartsMax = 3;

    private readonly List<HostProcess> past = [];
    private volatile TaskCompletionSource<Uri> address = New();

    /// <summary>The host that runs, or ran last.</summary>
    public HostProcess Host { get; private set; } = null!;

    /// <summary>What the hosts wrote last, for a failure.</summary>
    public string Output => string.Join("\n── next start ──\n", this.past.TakeLast(3).Select(h => h.Output));

    /// <inheritdoc/>
    public Task<Uri> AddressAsync() => this.address.Task;

    /// <summary>Starts a host and waits until it is ready; a silo that was given up meanwhile is started again, as a supervisor does.</summary>
    public async Task StartAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            this.Host = HostProcess.Start(settings);
            this.past.Add(this.Host);
            try
            {
                Uri listening = await this.Host.AddressAsync();
                await this.Host.ReadyAsync();
                this.address.TrySetResult(listening);
                return;
            }
            catch (InvalidOperationException) when (this.Host.WasGivenUp && attempt < StartsMax)
            {
                TestContext.Current.SendDiagnosticMessage("A silo was given up while it was starting, and is started again.");
            }
        }
    }

    /// <summary>Starts a host and kills it a moment later, wherever it is by then.</summary>
    public async Task StartAndKillAsync(TimeSpan after)
    {
        this.Host = HostProcess.Start(settings);
        this.past.Add(this.Host);
        await Waiting.PassAsync(after);
        this.Host.Kill();
        await this.Host.Ended;
    }

    /// <summary>Sends clients into waiting, then kills the host.</summary>
    public async Task KillAsync()
    {
        this.address = New();
        this.Host.Kill();
        await this.Host.Ended;
    }

    /// <summary>Clients wait from here on, without the host being touched.</summary>
    public void Close() => this.address = New();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (HostProcess host in this.past)
        {
            await host.DisposeAsync();
        }
    }

    private static TaskCompletionSource<Uri> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
