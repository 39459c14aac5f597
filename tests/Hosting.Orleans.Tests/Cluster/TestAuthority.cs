using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansBilling.Hosting.Orleans.Cluster;

namespace OrleansBilling.Hosting.Orleans.Tests.Cluster;

/// <summary>An authority that lives as long as a test, and its hosts' certificates in files of their own.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ob-tls-").FullName;
    private readonly X509Certificate2 certificate;
    private readonly DateTimeOffset from = DateTimeOffset.UtcNow.AddMinutes(-5);
    private int issued;

    public TestAuthority()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN=Authority {Guid.NewGuid()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        this.certificate = request.CreateSelfSigned(this.from, this.from.AddDays(1));
    }

    /// <summary>Settings of a host with a certificate of this authority.</summary>
    /// <param name="settings">The rest.</param>
    /// <param name="trusted">Whose certificates the host takes; null is this authority.</param>
    public ClusterSettings Equip(ClusterSettings settings, TestAuthority? trusted = null)
    {
        string name = Path.Combine(this.folder, $"host-{++this.issued}");
        using X509Certificate2 host = this.Issue(out string key);
        File.WriteAllText(name + ".crt", host.ExportCertificatePem());
        File.WriteAllText(name + ".key", key);
        File.WriteAllText(name + ".ca", (trusted ?? this).certificate.ExportCertificatePem());
        return settings with { CertificateFile = name + ".crt", KeyFile = name + ".key", AuthorityFile = name + ".ca" };
    }

    /// <summary>A certificate with its key.</summary>
    public X509Certificate2 Issue()
    {
        using X509Certificate2 host = this.Issue(out string key);
        using X509Certificate2 both = X509Certificate2.CreateFromPem(host.ExportCertificatePem(), key);
        return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        this.certificate.Dispose();
        Directory.Delete(this.folder, recursive: true);
    }

    private X509Certificate2 Issue(out string keyPem)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=billing host", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        keyPem = key.ExportPkcs8PrivateKeyPem();
        return request.Create(this.certificate, this.from, this.from.AddHours(12), RandomNumberGenerator.GetBytes(8));
    }
}
