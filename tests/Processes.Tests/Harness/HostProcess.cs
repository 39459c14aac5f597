using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>A real host or silo: the built program in a process of its own, configured through its environment like any other.</summary>
public sealed partial class HostProcess : IAsyncDisposable
{

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder printed = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> adminKey = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => this.Take(line.Data, this.printed);
        process.ErrorDataReceived += (_, line) => this.Take(line.Data, null);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        // Only now: of one that has ended by then, too, all that it wrote is to be read first.
        this.Ended = process.WaitForExitAsync();
    }

    /// <summary>Everything that it wrote.</summary>
    public string Output
    {
        get
        {
            lock (this.output)
            {
                return this.output.ToString();
            }
        }
    }

    /// <summary>What it wrote for whoever runs it, without its log.</summary>
    public string Printed
    {
        get
        {
            lock (this.output)
            {
                return this.printed.ToString();
            }
        }
    }

    /// <summary>Completes when it has ended.</summary>
    public Task Ended { get; }

    /// <summary>How it ended.</summary>
    public int ExitCode => this.process.ExitCode;

    /// <summary>
    /// Whether it is a silo that ended because the others had given it up: on a machine with too much to do they may do so while it
    /// is coming up. A supervisor starts it again.
    /// </summary>
    public bool WasGivenUp => this.process.HasExited && this.ExitCode == 134 && this.Output.Contains("I have been told I am dead", StringComparison.Ordinal);

    /// <summary>Where it listens; fails when it ends before it says so.</summary>
    public Task<Uri> AddressAsync() => this.SaidAsync(this.address.Task, "its address");

    /// <summary>The operator's key, which it prints on the first start of a journal.</summary>
    public Task<string> AdminKeyAsync() => this.SaidAsync(this.adminKey.Task, "the first admin key");

    /// <summary>Completes when it says that it is ready to decide.</summary>
    public async Task ReadyAsync()
    {
        Uri ready = new(await this.AddressAsync(), "/health/ready");
        await Waiting.UntilAsync(
            async () => this.process.HasExited || await Waiting.IsOkAsync(ready),
            () => $"the host to become ready:\n{this.Output}");
        if (this.process.HasExited)
        {
            throw new InvalidOperationException($"The host ended with code {this.ExitCode} before it was ready:\n{this.Output}");
        }
    }

    /// <summary>Starts one. Does not wait.</summary>
    /// <param name="settings">How it is configured.</param>
    /// <param name="command">What it is told to do; nothing is to run.</param>
    public static HostProcess Start(HostSettings settings, params string[] command)
    {
        ProcessStartInfo start = new("dotnet", [settings.Dll(), .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = settings.DataFolder,
        };
        foreach ((string name, string value) in settings.Environment())
        {
            start.Environment[name] = value;
        }

        HostProcess host = new(Process.Start(start)!);
        host.process.StandardInput.Close();
        return host;
    }

    /// <summary>Ends it at once: no finishing, no goodbye.</summary>
    public void Kill() => this.Signal(9);

    /// <summary>Stops it in the middle of whatever it does; its connections stay open.</summary>
    public void Freeze() => this.Signal(19);

    /// <summary>Lets it go on as if no time had passed.</summary>
    public void Thaw() => this.Signal(18);

    /// <summary>Waits until it has ended by itself.</summary>
    public Task EndAsync() => Waiting.ForAsync(this.Ended, () => $"the host to end:\n{this.Output}");

    /// <summary>Asks it to finish and end.</summary>
    public void Terminate() => this.Signal(15);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!this.process.HasExited)
        {
            this.Kill();
            await this.Ended;
        }

        this.process.Dispose();
    }

    private async Task<T> SaidAsync<T>(Task<T> said, string what)
    {
        await Waiting.ForAsync(Task.WhenAny(said, this.Ended), () => $"the host to say {what}:\n{this.Output}");

        // What it said last may be told of after its end.
        return said.IsCompleted
            ? await said
            : throw new InvalidOperationException($"The host ended with code {this.ExitCode} before it had said {what}:\n{this.Output}");
    }

    private void Take(string? line, StringBuilder? also)
    {
        if (line is null)
        {
            return;
        }

        lock (this.output)
        {
            this.output.AppendLine(line);
            also?.AppendLine(line);
        }

        if (Address().Match(line) is { Success: true } at)
        {
            this.address.TrySetResult(new Uri(at.Value));
        }

        if (Key().Match(line) is { Success: true } key)
        {
            this.adminKey.TrySetResult(key.Value);
        }
    }

    private void Signal(int number)
    {
        if (!this.process.HasExited && Send(this.process.Id, number) != 0)
        {
            throw new InvalidOperationException($"Signal {number} could not be sent: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9]\d*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();

    [GeneratedRegex(@"\b[A-Za-z0-9]+_(?:[A-Za-z0-9]+_)?[0-9A-Za-z]{18}_[0-9A-Za-z]{38}\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int process, int signal);
}
