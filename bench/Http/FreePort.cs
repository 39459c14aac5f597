using System.Net;
using System.Net.Sockets;

namespace OrleansBilling.Bench.Http;

/// <summary>Finds a loopback port that is free now.</summary>
internal static class FreePort
{
    /// <summary>The port.</summary>
    public static int Take()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
