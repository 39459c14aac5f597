using System.Globalization;

namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>How one host or silo is configured.</summary>
/// <param name="ConnectionString">The journal.</param>
/// <param name="DataFolder">Where its pepper is; hosts of one journal share it.</param>
/// <param name="Shared">Whether it has company.</param>
public sealed record HostSettings(string ConnectionString, string DataFolder, bool Shared)
{
    /// <summary>Where it listens on the loopback address; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>Whether its grains live on silos.</summary>
    public bool AsksSilos { get; init; }

    /// <summary>The ports of a silo, for other silos and for front ends; null for an ApiHost.</summary>
    public (int Silo, int Gateway)? SiloPorts { get; init; }

    /// <summary>The settings as environment variables.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment()
    {
        yield return new("Billing__ConnectionString", this.ConnectionString);
        yield return new("Billing__DataFolder", this.DataFolder);
        yield return new("Billing__Shared", this.Shared ? "true" : "false");
        yield return new("ASPNETCORE_URLS", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{this.Port}"));
        if (this.AsksSilos)
        {
            yield return new("Billing__Engine", "orleans");
        }

        if (this.SiloPorts is { } ports)
        {
            yield return new("Cluster__SiloPort", ports.Silo.ToString(CultureInfo.InvariantCulture));
            yield return new("Cluster__GatewayPort", ports.Gateway.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The program, in the same configuration (Debug or Release) as these tests were built in.</summary>
    public string Dll()
    {
        string program = this.SiloPorts is null ? "ApiHost" : "Silo";
        DirectoryInfo framework = new(AppContext.BaseDirectory.TrimEnd('/'));
        string dll = Path.Combine(Repository.Root, program, "bin", framework.Parent!.Name, framework.Name, $"OrleansBilling.{program}.dll");
        return File.Exists(dll) ? dll : throw new FileNotFoundException($"{program} is not built: dotnet build {program}", dll);
    }
}
