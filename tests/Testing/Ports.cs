using System.Net;
using System.Net.Sockets;

namespace OrleansBilling.Testing;

/// <summary>
/// Free loopback ports for what cannot choose one by itself and must find the same one again after a restart: below those that the
/// system hands out (Linux: from 32768), so that no host of another test and no connection is given one while its owner is not there
/// yet, or dead.
/// </summary>
public static class Ports
{
    private const int First = 12_000;
    private const int End = 32_000;

    // Somewhere else in each process: others may be looking for ports at the same time.
    private static int next = Environment.ProcessId * 97 % (End - First);

    /// <summary>A port that nobody listens on, and that this process gives away once.</summary>
    public static int Free()
    {
        for (int tries = 0; tries < End - First; tries++)
        {
            int port = First + (Interlocked.Increment(ref next) % (End - First));
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody's; the next one.
            }
        }

        throw new InvalidOperationException($"No port from {First} to {End} is free.");
    }
}
