using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>What a spend may say.</summary>
internal static class SpendInput
{
    private const int MaxMethodChars = 16;
    private const int MaxStatus = 999;

    /// <summary>What is wrong with a charge or a hold, or null.</summary>
    public static Decision? Problem(SpendCommand c)
    {
        if (Text.IdProblem(c.Meter) is { } meterProblem)
        {
            return Decision.Invalid("meter", meterProblem);
        }

        if (c.Quantity is < 0 or > Ceilings.Quantity)
        {
            return Decision.Invalid("quantity", $"It is {c.Quantity}; give 0 to {Ceilings.Quantity}.");
        }

        if (Text.OptionalIdProblem(c.Key) is { } keyProblem)
        {
            return Decision.Invalid("key", keyProblem);
        }

        if (Text.OptionalIdProblem(c.Workspace) is { } workspaceProblem)
        {
            return Decision.Invalid("workspace", workspaceProblem);
        }

        if (c.Address is not null && AddressRange.AddressProblem(c.Address) is { } addressProblem)
        {
            return Decision.Invalid("address", addressProblem);
        }

        if (c.Scope is not null && Text.NameProblem(c.Scope) is { } scopeProblem)
        {
            return Decision.Invalid("scope", scopeProblem);
        }

        return Problem(c.AmountNanos, c.Usage);
    }

    /// <summary>What is wrong with an amount and what was used, or null.</summary>
    public static Decision? Problem(long? amountNanos, Usage? usage)
    {
        if (amountNanos is < 0 or > Money.MaxAmountNanos)
        {
            return Decision.Invalid("amountNanos", $"It is {amountNanos}; give 0 to {Money.MaxAmountNanos} nanos, or none to have the usage priced.");
        }

        if (usage is null)
        {
            return amountNanos is null
                ? Decision.Invalid("amountNanos", "There is neither an amount nor a usage to price; give one of them.")
                : null;
        }

        return CountProblem("usage.inputTokens", usage.InputTokens)
            ?? CountProblem("usage.outputTokens", usage.OutputTokens)
            ?? CountProblem("usage.cachedTokens", usage.CachedTokens)
            ?? CountProblem("usage.reasoningTokens", usage.ReasoningTokens)
            ?? CountProblem("usage.durationMs", usage.DurationMs)
            ?? StatusProblem(usage.Status)
            ?? TextProblem("usage.model", usage.Model, Text.MaxNameChars)
            ?? TextProblem("usage.endpoint", usage.Endpoint, Text.MaxReasonChars)
            ?? TextProblem("usage.method", usage.Method, MaxMethodChars)
            ?? TextProblem("usage.session", usage.Session, Text.MaxNameChars)
            ?? TextProblem("usage.source", usage.Source, Text.MaxNameChars)
            ?? TextProblem("usage.outcome", usage.Outcome, Text.MaxNameChars);
    }

    private static Decision? CountProblem(string field, long value) => value is < 0 or > Ceilings.Quantity
        ? Decision.Invalid(field, $"It is {value}; give 0 to {Ceilings.Quantity}.")
        : null;

    private static Decision? StatusProblem(int status) => status is < 0 or > MaxStatus
        ? Decision.Invalid("usage.status", $"It is {status}; give an HTTP status, or none.")
        : null;

    private static Decision? TextProblem(string field, string? value, int maxChars) =>
        value is not null && Text.OptionalProblem(value, maxChars) is { } problem ? Decision.Invalid(field, problem) : null;
}
