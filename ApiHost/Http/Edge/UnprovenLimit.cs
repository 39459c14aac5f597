using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrleansBilling.ApiHost.Http.Edge;

/// <summary>
/// How many requests without a good key an address may make: so many at once, and as many again in a minute. Requests with a good
/// key are never counted, and pass wherever they come from. Kept as the moment until which an address has used up what it may
/// (the generic cell rate algorithm), in bounded memory. Of IPv6, a network of 64 bits counts as one address.
/// </summary>
/// <param name="perMinute">How many; 0 for any number.</param>
/// <param name="time">The clock.</param>
internal sealed class UnprovenLimit(int perMinute, TimeProvider time)
{
    private const int MaxAddresses = 100_000;
    private const int NetworkBytes = 8;

    private readonly ConcurrentDictionary<IPAddress, long> usedUntil = new();
    private readonly long interval = perMinute == 0 ? 0 : TimeSpan.TicksPerMinute / perMinute;

    /// <summary>How many addresses are kept.</summary>
    public int Addresses => this.usedUntil.Count;

    /// <summary>How long an address has to wait, in whole seconds; 0 where it may go on.</summary>
    /// <param name="address">The address, or null where there is none.</param>
    public int SecondsToWait(IPAddress? address)
    {
        // Almost always nobody has failed.
        if (this.usedUntil.IsEmpty || address is null || !this.usedUntil.TryGetValue(Network(address), out long until))
        {
            return 0;
        }

        long ahead = until - time.GetUtcNow().Ticks - TimeSpan.TicksPerMinute + this.interval;
        return ahead <= 0 ? 0 : (int)((ahead + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }

    /// <summary>Counts a request without a good key.</summary>
    /// <param name="address">Where it came from, or null.</param>
    public void Count(IPAddress? address)
    {
        if (perMinute == 0 || address is null)
        {
            return;
        }

        long now = time.GetUtcNow().Ticks;
        if (this.usedUntil.Count >= MaxAddresses)
        {
            this.Forget(now);
        }

        this.usedUntil.AddOrUpdate(
            Network(address),
            static (_, more) => more.Now + more.Interval,
            static (_, until, more) => Math.Max(until, more.Now) + more.Interval,
            (Now: now, Interval: this.interval));
    }

    // Those that have nothing used up; where that is not enough, all: an attacker from so many addresses has no others to hide.
    private void Forget(long now)
    {
        foreach ((IPAddress address, long until) in this.usedUntil)
        {
            if (until <= now)
            {
                this.usedUntil.TryRemove(address, out _);
            }
        }

        if (this.usedUntil.Count >= MaxAddresses)
        {
            this.usedUntil.Clear();
        }
    }

    private static IPAddress Network(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
