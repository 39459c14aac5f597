namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>The section <c>Cluster</c> of the configuration: how silos and front ends find and trust each other.</summary>
public sealed record ClusterSettings
{
    /// <summary>Silos of one id form one cluster; another id, such as that of a second release, forms another one.</summary>
    public string ClusterId { get; init; } = "billing";

    /// <summary>The service; the same for all clusters of one vendor.</summary>
    public string ServiceId { get; init; } = "billing";

    /// <summary>A name for people; null lets Orleans make one.</summary>
    public string? SiloName { get; init; }

    /// <summary>The address that others reach this silo at: an IP address or a name that resolves to one.</summary>
    public string AdvertisedAddress { get; init; } = "127.0.0.1";

    /// <summary>Where other silos connect.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>Where front ends connect.</summary>
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Whether to listen on every address of the machine rather than on the advertised one.</summary>
    public bool ListenOnAnyAddress { get; init; }

    /// <summary>How long a grain may go unused before it leaves memory.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The certificate (PEM) that this host shows; null is no TLS.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key (PEM).</summary>
    public string? KeyFile { get; init; }

    /// <summary>The authority (PEM) that every other host's certificate must come from.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Whether connections between hosts are encrypted, and both sides prove who they are.</summary>
    public bool UsesTls => this.CertificateFile is not null;
}
