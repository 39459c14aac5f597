using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Connections.Security;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Grains;
using OrleansBilling.Journal.Postgres;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Cluster;

/// <summary>Where certificates are configured, silos and front ends speak TLS both ways, and to nobody without a certificate of the authority.</summary>
public sealed class TlsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Silos_and_front_ends_of_one_authority_work_together_and_others_are_refused()
    {
        using TestAuthority ours = new();
        using TestAuthority theirs = new();
        string database = await postgres.Server.CreateDatabaseAsync();
        await using RealSilos silos = new(database, ours.Equip(new ClusterSettings()));
        MemoryStore store = new(TimeProvider.System);

        // The second one joins only if each reaches the other.
        await silos.StartAsync("silo-1", store);
        await silos.StartAsync("silo-2", store);
        ClusterClient good = await silos.ConnectAsync(s => ours.Equip(s));
        foreach (int i in Enumerable.Range(0, 8))
        {
            Reply opened = await good.Grains.AskAsync(
                GrainId.Account($"a{i}"), new OpenAccount { Currency = "USD", Zone = "UTC", RequestId = "open" }, TestContext.Current.CancellationToken);
            Assert.Equal(Outcome.Accepted, opened.Outcome);
        }

        ClusterView view = await good.Cluster.LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal([true, true], view.Hosts.Select(h => h.Activity is not null));

        // A front end without certificates; one with another authority's; and one that takes another authority's silos for its own.
        foreach (Func<ClusterSettings, ClusterSettings> wrong in new Func<ClusterSettings, ClusterSettings>[]
        {
            s => s with { CertificateFile = null, KeyFile = null, AuthorityFile = null }, s => theirs.Equip(s, trusted: ours), s => ours.Equip(s, trusted: theirs),
        })
        {
            ClusterUnreachableException refused = await Assert.ThrowsAsync<ClusterUnreachableException>(() => silos.ConnectAsync(wrong, TimeSpan.Zero));
            Assert.Contains("Cluster:ClusterId", refused.Message, StringComparison.Ordinal);
        }

        // The same without our own configuration: whoever has all but the certificate.
        using X509Certificate2 right = ours.Issue();
        using X509Certificate2 wrongOne = theirs.Issue();
        Assert.Null(await FailureOfAsync(database, right));
        Assert.NotNull(await FailureOfAsync(database, null));
        Assert.NotNull(await FailureOfAsync(database, wrongOne));
    }

    // Of a client that trusts any silo and shows this certificate.
    private static async Task<Exception?> FailureOfAsync(string database, X509Certificate2? certificate)
    {
        ClusterSettings settings = new();
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.ClusterId, settings.ServiceId));
            client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("Npgsql", MembershipSchema.ConnectionString(database)));
            client.UseConnectionRetryFilter(static (_, _) => Task.FromResult(false));
            client.UseTls(o =>
            {
                o.LocalCertificate = certificate;
                o.ClientCertificateMode = RemoteCertificateMode.AllowCertificate;
                o.AllowAnyRemoteCertificate();
                o.OnAuthenticateAsClient = static (_, tls) => tls.TargetHost = "127.0.0.1";
            });
        });
        using IHost host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await host.Services.GetRequiredService<IClusterClient>().GetGrain<IBeatGrain>(0).BeatAsync();
            await host.StopAsync(TestContext.Current.CancellationToken);
            return null;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return e;
        }
    }
}
