using System.Globalization;
using System.Text;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Configuration;

/// <summary>Reads the section <c>Billing</c> strictly and collects every mistake, so that they can be mended in one go.</summary>
internal sealed partial class BillingOptionsReader
{
    private const string SectionName = "Billing";
    private const long TokensPerPrice = 1_000;
    private const long TokensPerStoredPrice = 1_000_000;
    private const int MaxLanes = 64;
    private const int MaxHashes = 256;
    private const int MaxHashQueue = 1_000_000;

    private static readonly string[] Known =
        ["ConnectionString", "DataFolder", "Pepper", "PepperFile", "Engine", "Shared", "Lanes", "MaxActivations", "KeyHashConcurrency", "KeyHashQueue", "HeadsInterval", "HeadsFolder", "Prices", "Tiers", "SecretsFolder", WebSection];

    private static readonly string[] KnownPrices = ["Models", "Endpoints"];
    private static readonly string[] KnownModelPrices = ["InputPer1K", "OutputPer1K", "CachedPer1K", "ReasoningPer1K"];

    private readonly List<string> mistakes = [];

    private BillingOptionsReader()
    {
    }

    /// <summary>Reads the options.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="mistakes">Every mistake, each a sentence that names its setting; empty when all is well.</param>
    public static BillingOptions Read(IConfiguration configuration, out IReadOnlyList<string> mistakes)
    {
        BillingOptionsReader reader = new();
        BillingOptions options = reader.Read(configuration.GetSection(SectionName));
        mistakes = reader.mistakes;
        return options;
    }

    private BillingOptions Read(IConfigurationSection section)
    {
        this.OnlyKnown(section, Known);
        string? pepper = Text(section, "Pepper");
        string? pepperFile = Text(section, "PepperFile");
        if (pepper is not null && Keys.Pepper.FromBase64(pepper) is null)
        {
            this.mistakes.Add($"{SectionName}:Pepper must be base64 of at least {Keys.Pepper.MinBytes} random bytes; make one with: openssl rand -base64 32");
        }

        if (pepper is not null && pepperFile is not null)
        {
            this.mistakes.Add($"{SectionName}:Pepper and {SectionName}:PepperFile are both set; keep one.");
        }

        if (pepperFile is not null && !File.Exists(pepperFile))
        {
            this.mistakes.Add($"{SectionName}:PepperFile: there is no file '{pepperFile}'.");
        }

        if (Text(section, "SecretsFolder") is { } secrets && !Directory.Exists(secrets))
        {
            this.mistakes.Add($"{SectionName}:SecretsFolder: there is no folder '{secrets}'.");
        }

        BillingOptions defaults = new();
        string dataFolder = Text(section, "DataFolder") ?? ".data/host";
        return new BillingOptions
        {
            ConnectionString = Text(section, "ConnectionString"),
            DataFolder = dataFolder,
            Pepper = pepper,
            PepperFile = pepperFile,
            Engine = this.Engine(section),
            Shared = this.Flag(section, "Shared"),
            Lanes = this.Number(section, "Lanes", 1, MaxLanes),
            MaxActivations = this.Number(section, "MaxActivations", 100, int.MaxValue) ?? 1_000_000,
            KeyHashConcurrency = this.Number(section, "KeyHashConcurrency", 1, MaxHashes) ?? defaults.KeyHashConcurrency,
            KeyHashQueue = this.Number(section, "KeyHashQueue", 0, MaxHashQueue) ?? defaults.KeyHashQueue,
            HeadsInterval = this.Interval(section, "HeadsInterval") ?? TimeSpan.FromMinutes(10),
            HeadsFolder = Text(section, "HeadsFolder") ?? Path.Combine(dataFolder, "heads"),
            Web = this.Web(section.GetSection(WebSection)),
            Prices = this.Prices(section.GetSection("Prices")),
            Tiers = this.Tiers(section.GetSection("Tiers")),
        };
    }

    private PriceOptions Prices(IConfigurationSection section)
    {
        this.OnlyKnown(section, KnownPrices);
        List<ModelPriceOptions> models = [];
        foreach (IConfigurationSection model in section.GetSection("Models").GetChildren())
        {
            this.OnlyKnown(model, KnownModelPrices);
            this.IsName(model, Bounds.Reference);
            long input = this.PerMillion(model, "InputPer1K") ?? 0;
            long output = this.PerMillion(model, "OutputPer1K") ?? 0;
            models.Add(new ModelPriceOptions(
                model.Key, input, output, this.PerMillion(model, "CachedPer1K") ?? input, this.PerMillion(model, "ReasoningPer1K") ?? output));
        }

        List<KeyValuePair<string, long>> endpoints = [];
        foreach (IConfigurationSection endpoint in section.GetSection("Endpoints").GetChildren())
        {
            this.IsName(endpoint, Bounds.Sentence);
            endpoints.Add(new(endpoint.Key, this.Price(endpoint)));
        }

        return new PriceOptions(models, endpoints);
    }

    private Dictionary<string, QuotaLimit[]> Tiers(IConfigurationSection section)
    {
        Dictionary<string, QuotaLimit[]> tiers = new(StringComparer.Ordinal);
        foreach (IConfigurationSection tier in section.GetChildren())
        {
            this.IsName(tier, Bounds.Name);
            List<QuotaLimit> quotas = [];
            foreach (IConfigurationSection meter in tier.GetChildren())
            {
                this.IsName(meter, Bounds.Name);
                bool unlimited = string.IsNullOrEmpty(meter.Value);
                if (!long.TryParse(meter.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long max) && !unlimited)
                {
                    this.mistakes.Add($"{meter.Path} must be a whole number of 0 or more, or null for unlimited, not '{meter.Value}'.");
                }

                quotas.Add(new QuotaLimit(meter.Key, unlimited ? null : max));
            }

            tiers[tier.Key] = [.. quotas];
        }

        return tiers;
    }

    private long? PerMillion(IConfigurationSection model, string name)
    {
        IConfigurationSection price = model.GetSection(name);
        return price.Value is null ? null : this.Price(price) * (TokensPerStoredPrice / TokensPerPrice);
    }

    private long Price(IConfigurationSection price)
    {
        const long max = Money.MaxAmountNanos / (TokensPerStoredPrice / TokensPerPrice);
        if (Money.TryParse(price.Value, out long nanos) && nanos is >= 0 and <= max)
        {
            return nanos;
        }

        this.mistakes.Add($"{price.Path} must be a decimal number of 0 to {Money.Format(max)} with at most 9 places, not '{price.Value}'.");
        return 0;
    }

    private void IsName(IConfigurationSection section, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(section.Key) > maxBytes)
        {
            this.mistakes.Add($"{section.Path}: the name has more than {maxBytes} bytes.");
        }
    }

    private void OnlyKnown(IConfigurationSection section, string[] known)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                this.mistakes.Add($"{child.Path} is not a setting; known are {string.Join(", ", known)}.");
            }
        }
    }

    private static string? Text(IConfigurationSection section, string name) => string.IsNullOrWhiteSpace(section[name]) ? null : section[name];

    private EngineKind Engine(IConfigurationSection section)
    {
        switch (Text(section, "Engine"))
        {
            case null or "inprocess":
                return EngineKind.InProcess;
            case "orleans":
                return EngineKind.Orleans;
            case string other:
                this.mistakes.Add($"{SectionName}:Engine must be inprocess or orleans, not '{other}'.");
                return EngineKind.InProcess;
        }
    }

    private bool Flag(IConfigurationSection section, string name)
    {
        if (Text(section, name) is not { } text)
        {
            return false;
        }

        if (!bool.TryParse(text, out bool value))
        {
            this.mistakes.Add($"{section.Path}:{name} must be true or false, not '{text}'.");
        }

        return value;
    }

    // Only this form: by itself, "10" would be ten days.
    private TimeSpan? Interval(IConfigurationSection section, string name)
    {
        if (Text(section, name) is not { } text)
        {
            return null;
        }

        if (!TimeSpan.TryParseExact(text, [@"hh\:mm\:ss", "%s"], CultureInfo.InvariantCulture, out TimeSpan value) || (value != TimeSpan.Zero && text.Length != 8))
        {
            this.mistakes.Add($"{SectionName}:{name} must be hours, minutes and seconds as in 00:10:00, or 0 for never, not '{text}'.");
        }

        return value;
    }

    private int? Number(IConfigurationSection section, string name, int min, int max)
    {
        if (Text(section, name) is not { } text)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < min || value > max)
        {
            this.mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{section.Path}:{name} must be a whole number from {min} to {max}, not '{text}'."));
        }

        return value;
    }
}
