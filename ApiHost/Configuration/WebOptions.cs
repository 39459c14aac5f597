using System.Net;

namespace OrleansBilling.ApiHost.Configuration;

/// <summary>The section <c>Billing:Web</c>: what stands between the network and the routes.</summary>
internal sealed record WebOptions
{
    /// <summary>How many requests without a good key an address may make in a minute where nothing is configured.</summary>
    public const int UsualUnproven = 600;

    /// <summary>Proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Origins whose pages may call the API from a browser; <c>*</c> is any.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Whether plain HTTP is refused.</summary>
    public bool RequireHttps { get; init; }

    /// <summary>For how many days browsers are told to use HTTPS only; 0 to say nothing.</summary>
    public int HstsDays { get; init; }

    /// <summary>How many requests without a good key an address may make in a minute; 0 for any number.</summary>
    public int UnprovenPerMinute { get; init; } = UsualUnproven;
}
