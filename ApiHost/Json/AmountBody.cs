using System.Globalization;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The bodies of what happens to a charge or hold later, and the members they share with others.</summary>
internal static class AmountBody
{
    private static readonly FieldSet ReversalFields = new(RequestIds.Member, "amount", "reason");
    private static readonly FieldSet ExtensionFields = new(RequestIds.Member, "ttlSeconds");
    private static readonly FieldSet CaptureFields = new([.. UsageFields.Names, RequestIds.Member, "amount", "final"]);
    private static readonly FieldSet ReasonFields = new(RequestIds.Member, "reason");

    /// <summary>Reads a reversal.</summary>
    /// <param name="body">The reader.</param>
    public static ReverseCharge Reversal(ref BodyReader body)
    {
        ReverseCharge command = new() { Charge = 0 };
        int index;
        while ((index = body.Next(ReversalFields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { AmountNanos = Positive(ref body) },
                _ => command with { Reason = body.Text(Bounds.Sentence) },
            };
        }

        return command;
    }

    /// <summary>Reads an extension of a hold.</summary>
    /// <param name="body">The reader.</param>
    public static ExtendHold Extension(ref BodyReader body)
    {
        ExtendHold command = new(0, 0);
        int index;
        while ((index = body.Next(ExtensionFields)) >= 0)
        {
            command = index == 0 ? command with { RequestId = RequestIds.Read(ref body) } : command with { TtlNanos = Ttl(ref body) };
        }

        body.Require(command.TtlNanos == 0 ? null : command, "ttlSeconds");
        return command;
    }

    /// <summary>Reads a capture of a hold.</summary>
    /// <param name="body">The reader.</param>
    public static CaptureHold Capture(ref BodyReader body)
    {
        CaptureHold command = new() { Hold = 0 };
        UsageFields usage = default;
        int index;
        while ((index = body.Next(CaptureFields)) >= 0)
        {
            if (usage.Read(ref body, index))
            {
                continue;
            }

            command = (index - UsageFields.Names.Length) switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { AmountNanos = NotNegative(ref body) },
                _ => command with { Final = body.Flag() ?? true },
            };
        }

        if (command.AmountNanos is null && !usage.CanBePriced)
        {
            body.FailAt(FieldError.Missing, "amount", "Send 'amount', or a 'model' or 'endpoint' that has a price.");
        }

        return command with { Usage = usage.ToUsage() };
    }

    /// <summary>Reads a reason with the caller's request id.</summary>
    /// <param name="body">The reader.</param>
    public static (string? RequestId, string? Reason) Reason(ref BodyReader body)
    {
        (string? RequestId, string? Reason) result = default;
        int index;
        while ((index = body.Next(ReasonFields)) >= 0)
        {
            if (index == 0)
            {
                result.RequestId = RequestIds.Read(ref body);
            }
            else
            {
                result.Reason = body.Text(Bounds.Sentence);
            }
        }

        return result;
    }

    /// <summary>Reads an amount of 0 or more.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static long? NotNegative(ref BodyReader body) => InRange(ref body, 0, "must be from 0 to 1,000,000,000 units");

    /// <summary>Reads an amount of more than 0.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static long? Positive(ref BodyReader body) => InRange(ref body, 1, "must be more than 0, and at most 1,000,000,000 units");

    /// <summary>Reads an amount of either sign.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static long? Signed(ref BodyReader body) => InRange(ref body, -Money.MaxAmountNanos, "must be within ±1,000,000,000 units");

    /// <summary>Reads a hold's life in seconds as nanos; 0 where it is null.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static long Ttl(ref BodyReader body) => (body.Integer(Bounds.MinTtlSeconds, Bounds.MaxTtlSeconds) ?? 0) * Money.NanosPerUnit;

    private static long? InRange(ref BodyReader body, long minNanos, string what)
    {
        long? nanos = body.Nanos();
        if (nanos < minNanos || nanos > Money.MaxAmountNanos)
        {
            body.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}; it is {Money.Format(nanos.Value)}"));
        }

        return nanos;
    }
}
