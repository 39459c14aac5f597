using System.Net;

namespace OrleansBilling.ApiHost.Http;

/// <summary>The address that a request came from.</summary>
internal static class ClientAddress
{
    /// <summary>The other end of the connection, without a zone; null where it has none.</summary>
    /// <param name="http">The request.</param>
    public static string? Of(HttpContext http) => http.Connection.RemoteIpAddress switch
    {
        null => null,
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, ScopeId: not 0 } zoned => new IPAddress(zoned.GetAddressBytes()).ToString(),

        // Kept by the connection's address once it was made.
        { } address => address.ToString(),
    };
}
