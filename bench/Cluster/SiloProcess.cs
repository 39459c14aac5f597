using System.Globalization;
using System.Reflection;
using OrleansBilling.Bench.Http;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Cluster;

/// <summary>Starts the executable of a silo.</summary>
internal static class SiloProcess
{
    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="connectionString">The journal, which is the cluster's meeting place too.</param>
    /// <returns>The process, and the port where front ends connect.</returns>
    public static async Task<(ChildProcess Process, int GatewayPort)> StartAsync(string connectionString)
    {
        int gateway = FreePort.Take();
        Uri url = new($"http://127.0.0.1:{FreePort.Take()}");
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["Urls"] = url.ToString(),
            ["Billing__ConnectionString"] = connectionString,
            ["Cluster__SiloPort"] = FreePort.Take().ToString(CultureInfo.InvariantCulture),
            ["Cluster__GatewayPort"] = gateway.ToString(CultureInfo.InvariantCulture),
            ["Logging__LogLevel__Default"] = "Warning",
        };
        string program = typeof(SiloProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Silo").Value!;
        ChildProcess silo = ChildProcess.Start(ChildProcess.Terminate, environment, "dotnet", program);
        using HttpClient http = new();
        await silo.WaitForAsync("a silo", async () =>
        {
            using HttpResponseMessage reply = await http.GetAsync(new Uri(url, "/health/ready"));
            return reply.IsSuccessStatusCode;
        });
        return (silo, gateway);
    }
}
