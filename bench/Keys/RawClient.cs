using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansBilling.Bench.Keys;

/// <summary>One connection that posts prepared requests and reads the status and length of each answer: cheap beside what it measures.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket;
    private readonly byte[] buffer = new byte[16 * 1024];
    private int filled;

    private RawClient(Socket socket) => this.socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="server">The server.</param>
    /// <param name="from">The address to come from, on this machine.</param>
    public static async Task<RawClient> ConnectAsync(Uri server, string from = "127.0.0.1")
    {
        Socket made = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        made.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await made.ConnectAsync(IPAddress.Loopback, server.Port);
        return new RawClient(made);
    }

    /// <summary>The bytes of a request.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">The address.</param>
    /// <param name="key">The key that is sent.</param>
    /// <param name="body">The JSON body, or an empty text.</param>
    public static byte[] Request(string method, string path, string key, string body) => Encoding.ASCII.GetBytes(
        $"{method} {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>Sends requests, one or several in a row.</summary>
    /// <param name="requests">Their bytes.</param>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> requests)
    {
        while (requests.Length > 0)
        {
            requests = requests[await this.socket.SendAsync(requests)..];
        }
    }

    /// <summary>Reads one answer.</summary>
    /// <returns>Its status, and its body.</returns>
    public async ValueTask<(int Status, string Body)> ReadAsync()
    {
        int head;
        while ((head = this.buffer.AsSpan(0, this.filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await this.FillAsync();
        }

        string lines = Encoding.ASCII.GetString(this.buffer, 0, head);
        // A server that stops says so and closes.
        if (!lines.Contains("Content-Length: ", StringComparison.OrdinalIgnoreCase))
        {
            throw new BenchException($"An answer without a length: {lines}");
        }

        int at = lines.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        int end = lines.IndexOf('\r', at);
        int length = int.Parse(lines.AsSpan(at + 16, (end < 0 ? lines.Length : end) - at - 16), System.Globalization.CultureInfo.InvariantCulture);
        int whole = head + 4 + length;
        while (this.filled < whole)
        {
            await this.FillAsync();
        }

        (int, string) answer = (int.Parse(lines.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetString(this.buffer, head + 4, length));
        this.buffer.AsSpan(whole, this.filled - whole).CopyTo(this.buffer);
        this.filled -= whole;
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose() => this.socket.Dispose();

    private async ValueTask FillAsync()
    {
        int read = await this.socket.ReceiveAsync(this.buffer.AsMemory(this.filled));
        this.filled += read == 0 ? throw new BenchException("The host closed a connection.") : read;
    }
}
