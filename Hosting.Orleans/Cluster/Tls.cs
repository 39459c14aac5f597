using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>Mutual TLS: every host shows a certificate of the one authority, and takes nobody without one.</summary>
internal static class Tls
{
    /// <summary>Applies the settings.</summary>
    public static void Configure(TlsOptions options, ClusterSettings settings)
    {
        // Through PKCS #12, since some platforms cannot use a key straight from PEM.
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(settings.CertificateFile!, settings.KeyFile);
        X509Certificate2 own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(settings.AuthorityFile!);
        options.LocalCertificate = own;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = settings.AdvertisedAddress;

        // Hosts come and go under any address, so a name proves nothing here; the authority signs for this cluster's hosts only.
        options.RemoteCertificateValidation = (certificate, _, _) => IsOf(authority, certificate);
    }

    private static bool IsOf(X509Certificate2 authority, X509Certificate2 certificate)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
