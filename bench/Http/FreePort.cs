using System.Net;
using System.Net.Sockets;

namespace OrleansBilling.Bench.Http;

/// <summary>Finds loopback ports that are free, below those that Linux gives out to connections: a process that starts later finds them free still.</summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;
    private static int next = Environment.ProcessId;

    /// <summary>The port; another one each time.</summary>
    public static int Take()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref next) % Count);
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's; the next one.
            }
        }
    }
}
