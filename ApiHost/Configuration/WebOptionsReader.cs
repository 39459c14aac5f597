using System.Net;

namespace OrleansBilling.ApiHost.Configuration;

/// <content>The section <c>Billing:Web</c>.</content>
internal sealed partial class BillingOptionsReader
{
    private const string WebSection = "Web";
    private const int MaxHstsDays = 3650;
    private const int MaxUnproven = 1_000_000_000;

    private static readonly string[] KnownWeb = ["TrustedProxies", "CorsOrigins", "RequireHttps", "HstsDays", "UnprovenPerMinute"];

    private WebOptions Web(IConfigurationSection section)
    {
        this.OnlyKnown(section, KnownWeb);
        return new WebOptions
        {
            TrustedProxies = [.. List(section, "TrustedProxies").Select(this.Network).OfType<IPNetwork>()],
            CorsOrigins = [.. List(section, "CorsOrigins").Where(this.IsOrigin)],
            RequireHttps = this.Flag(section, "RequireHttps"),
            HstsDays = this.Number(section, "HstsDays", 0, MaxHstsDays) ?? 0,
            UnprovenPerMinute = this.Number(section, "UnprovenPerMinute", 0, MaxUnproven) ?? WebOptions.UsualUnproven,
        };
    }

    // As members of an array, or in one text with commas, as an environment variable has it.
    private static IEnumerable<string> List(IConfigurationSection section, string name)
    {
        IConfigurationSection list = section.GetSection(name);
        return list.Value is { } text
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : list.GetChildren().Select(static c => c.Value ?? "");
    }

    private IPNetwork? Network(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network))
        {
            return network;
        }

        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        this.mistakes.Add($"{SectionName}:{WebSection}:TrustedProxies must be addresses or ranges such as 10.0.0.0/8, not '{text}'.");
        return null;
    }

    private bool IsOrigin(string text)
    {
        if (text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text))
        {
            return true;
        }

        this.mistakes.Add($"{SectionName}:{WebSection}:CorsOrigins must be origins such as https://app.example.com, without a path, or *, not '{text}'.");
        return false;
    }
}
