using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using OrleansBilling.Testing;

namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>HAProxy before several hosts, on the very configuration that is deployed.</summary>
public sealed class Proxy : IPlace, IAsyncDisposable
{

    private readonly Process process;
    private readonly Uri address;
    private readonly string adminSocket;
    private readonly StringBuilder output = new();

    private Proxy(Process process, Uri address, string adminSocket)
    {
        this.process = process;
        this.address = address;
        this.adminSocket = adminSocket;
        process.ErrorDataReceived += (_, line) => this.Keep(line.Data);
        process.OutputDataReceived += (_, line) => this.Keep(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>What it wrote, for a failure.</summary>
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

    /// <summary>Starts one and waits until it leads to a host.</summary>
    /// <param name="folder">Where its socket for operators may be.</param>
    /// <param name="ports">The loopback ports of up to three hosts.</param>
    public static async Task<Proxy> StartAsync(string folder, IReadOnlyList<int> ports)
    {
        int port = Ports.Free();
        string admin = Path.Combine(folder, "haproxy.sock");
        ProcessStartInfo start = new("haproxy", ["-q", "-db", "-f", Path.Combine(Repository.Root, "deploy", "haproxy.cfg")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        start.Environment["LISTEN"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        start.Environment["ADMIN_SOCKET"] = admin;
        for (int i = 0; i < 3; i++)
        {
            // A place without a host refuses connections.
            int node = i < ports.Count ? ports[i] : Ports.Free();
            start.Environment[$"NODE{i + 1}"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{node}");
        }

        Proxy proxy = new(Begin(start), new Uri($"http://127.0.0.1:{port}"), admin);
        try
        {
            Uri ready = new(proxy.address, "/health/ready");
            await Waiting.UntilAsync(() => Waiting.IsOkAsync(ready), () => $"HAProxy to lead to a host:\n{proxy.Output}");
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<Uri> AddressAsync() => Task.FromResult(this.address);

    /// <summary>Completes when HAProxy sends requests to a host.</summary>
    /// <param name="host">Its number, from 0.</param>
    public Task UpAsync(int host) => this.SaysAsync(host, "UP");

    /// <summary>Completes when HAProxy has found out that a host is gone.</summary>
    /// <param name="host">Its number, from 0.</param>
    public Task DownAsync(int host) => this.SaysAsync(host, "DOWN");

    /// <summary>Sends a host no new requests. Nor looks whether it is up: HAProxy cuts off what is under way at a host that is down.</summary>
    /// <param name="host">Its number, from 0.</param>
    public Task DrainAsync(int host) => this.SetAsync(host, "disable", "drain");

    /// <summary>Sends a host requests again, once it is ready.</summary>
    /// <param name="host">Its number, from 0.</param>
    public Task TakeBackAsync(int host) => this.SetAsync(host, "enable", "ready");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!this.process.HasExited)
        {
            this.process.Kill();
            await this.process.WaitForExitAsync();
        }

        this.process.Dispose();
    }

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"HAProxy is needed and cannot be started ({e.Message}): apt-get install haproxy.", e);
        }
    }

    private Task<string> SetAsync(int host, string checks, string state)
    {
        string node = string.Create(CultureInfo.InvariantCulture, $"node{host + 1}");
        return this.TellAsync($"{checks} health by_account/{node}; set server by_account/{node} state {state}; set server anywhere/{node} state {state}");
    }

    private Task SaysAsync(int host, string state)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"by_account,node{host + 1},");
        return Waiting.UntilAsync(
            async () => (await this.TellAsync("show stat")).Split('\n').First(l => l.StartsWith(start, StringComparison.Ordinal)).Split(',')[17]
                .StartsWith(state, StringComparison.Ordinal),
            () => $"HAProxy to say that host {host + 1} is {state}:\n{this.Output}");
    }

    private async Task<string> TellAsync(string command)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(this.adminSocket));
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"));
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync();
    }

    private void Keep(string? line)
    {
        lock (this.output)
        {
            this.output.AppendLine(line);
        }
    }
}
