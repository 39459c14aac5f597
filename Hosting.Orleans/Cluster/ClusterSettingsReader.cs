using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>Reads the section <c>Cluster</c> strictly and collects every mistake.</summary>
public static class ClusterSettingsReader
{
    private const string SectionName = "Cluster";

    private static readonly string[] Known =
    [
        "ClusterId", "ServiceId", "SiloName", "AdvertisedAddress", "SiloPort", "GatewayPort", "ListenOnAnyAddress", "CollectionAge",
        "CertificateFile", "KeyFile", "AuthorityFile",
    ];

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="mistakes">Receives every mistake, each a sentence that names its setting.</param>
    public static ClusterSettings Read(IConfiguration configuration, ICollection<string> mistakes)
    {
        IConfigurationSection section = configuration.GetSection(SectionName);
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                mistakes.Add($"{child.Path} is not a setting; known are {string.Join(", ", Known)}.");
            }
        }

        ClusterSettings usual = new();
        ClusterSettings settings = usual with
        {
            ClusterId = Text(section, "ClusterId") ?? usual.ClusterId,
            ServiceId = Text(section, "ServiceId") ?? usual.ServiceId,
            SiloName = Text(section, "SiloName"),
            AdvertisedAddress = Text(section, "AdvertisedAddress") ?? usual.AdvertisedAddress,
            SiloPort = Port(section, "SiloPort", usual.SiloPort, mistakes),
            GatewayPort = Port(section, "GatewayPort", usual.GatewayPort, mistakes),
            ListenOnAnyAddress = Flag(section, "ListenOnAnyAddress", mistakes),
            CollectionAge = Age(section, "CollectionAge", usual.CollectionAge, mistakes),
            CertificateFile = PemFile(section, "CertificateFile", mistakes),
            KeyFile = PemFile(section, "KeyFile", mistakes),
            AuthorityFile = PemFile(section, "AuthorityFile", mistakes),
        };
        int files = new[] { settings.CertificateFile, settings.KeyFile, settings.AuthorityFile }.Count(f => f is not null);
        if (files is not (0 or 3))
        {
            mistakes.Add($"{SectionName}:CertificateFile, KeyFile and AuthorityFile belong together: set all three, or none.");
        }

        return settings;
    }

    private static string? Text(IConfigurationSection section, string name) => string.IsNullOrWhiteSpace(section[name]) ? null : section[name];

    private static string? PemFile(IConfigurationSection section, string name, ICollection<string> mistakes)
    {
        string? file = Text(section, name);
        if (file is not null && !File.Exists(file))
        {
            mistakes.Add($"{SectionName}:{name}: there is no file '{file}'.");
        }

        return file;
    }

    private static int Port(IConfigurationSection section, string name, int usual, ICollection<string> mistakes)
    {
        if (Text(section, name) is not { } text)
        {
            return usual;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65_535)
        {
            mistakes.Add($"{SectionName}:{name} must be a port from 1 to 65535, not '{text}'.");
        }

        return port;
    }

    private static bool Flag(IConfigurationSection section, string name, ICollection<string> mistakes)
    {
        if (Text(section, name) is not { } text)
        {
            return false;
        }

        if (!bool.TryParse(text, out bool value))
        {
            mistakes.Add($"{SectionName}:{name} must be true or false, not '{text}'.");
        }

        return value;
    }

    private static TimeSpan Age(IConfigurationSection section, string name, TimeSpan usual, ICollection<string> mistakes)
    {
        if (Text(section, name) is not { } text)
        {
            return usual;
        }

        if (!TimeSpan.TryParseExact(text, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out TimeSpan age) || age < TimeSpan.FromMinutes(2))
        {
            mistakes.Add($"{SectionName}:{name} must be hours, minutes and seconds as in 00:15:00, two minutes or more, not '{text}'.");
            return usual;
        }

        return age;
    }
}
