using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansBilling.Bench.Servers;

/// <summary>A program that this one starts, whose output is kept for when it fails.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly int stopSignal;

    private ChildProcess(Process process, int stopSignal)
    {
        this.process = process;
        this.stopSignal = stopSignal;
        process.OutputDataReceived += (_, line) => this.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => this.Keep(line.Data);
    }

    /// <summary>SIGINT.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGKILL.</summary>
    public const int KillSignal = 9;

    /// <summary>SIGCONT.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP.</summary>
    public const int Stop = 19;

    /// <summary>What it has written so far.</summary>
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

    /// <summary>Its process id.</summary>
    public int Id => this.process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => this.process.HasExited;

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">Which.</param>
    public void Send(int signal) => _ = Kill(this.process.Id, signal);

    /// <summary>Completes when it has ended.</summary>
    /// <exception cref="BenchException">It did not within 30 s.</exception>
    public async Task EndAsync()
    {
        try
        {
            await this.process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            throw new BenchException($"A process did not end within 30 s:\n{this.Output}");
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="stopSignal">The signal that ends it gracefully.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="command">Program and arguments.</param>
    public static ChildProcess Start(int stopSignal, IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        Process started;
        try
        {
            started = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BenchException($"Cannot start '{command[0]}': {e.Message}. Is it installed?");
        }

        ChildProcess child = new(started, stopSignal);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end and returns what it wrote.</summary>
    /// <exception cref="BenchException">It failed.</exception>
    public static Task<string> RunAsync(params string[] command) => RunAsync(null, command);

    /// <summary>Runs a program to its end and returns what it wrote.</summary>
    /// <param name="environment">Variables to set.</param>
    /// <param name="command">Program and arguments.</param>
    /// <exception cref="BenchException">It failed.</exception>
    public static async Task<string> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        await using ChildProcess child = Start(Terminate, environment, command);
        await child.process.WaitForExitAsync();
        return child.process.ExitCode == 0
            ? child.Output
            : throw new BenchException($"'{string.Join(' ', command.Take(6))} …' ended with {child.process.ExitCode}:\n{child.Output}");
    }

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="ready">Asked every 20 ms; may throw while it is not.</param>
    /// <exception cref="BenchException">It ended, or 30 s went by.</exception>
    public async Task WaitForAsync(string what, Func<Task<bool>> ready)
    {
        long started = Stopwatch.GetTimestamp();
        string reason = "no answer";
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30) && !this.process.HasExited)
        {
            try
            {
                if (await ready())
                {
                    return;
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                reason = e.Message;
            }

            await Task.Delay(20);
        }

        throw new BenchException($"Waited in vain for {what} ({reason}):\n{this.Output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!this.process.HasExited)
        {
            _ = Kill(this.process.Id, this.stopSignal);
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
            try
            {
                await this.process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                this.process.Kill(entireProcessTree: true);
                await this.process.WaitForExitAsync(CancellationToken.None);
            }
        }

        this.process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (this.output)
            {
                this.output.AppendLine(line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
