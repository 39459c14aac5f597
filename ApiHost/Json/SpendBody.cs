using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The body of verify, charges and holds: who spends, on what, how much.</summary>
internal sealed class SpendBody
{
    private const int AfterUsage = 12;

    private static readonly string[] Common = [.. UsageFields.Names, RequestIds.Member, "key", "amount", "meter", "quantity", "workspace", "address", "scope"];
    private static readonly FieldSet VerifyFields = new(Common);
    private static readonly FieldSet ChargeFields = new([.. Common, "account", "keyId"]);
    private static readonly FieldSet HoldFields = new([.. Common, "account", "keyId", "ttlSeconds"]);

    private SpendBody()
    {
    }

    /// <summary>The caller's idempotency id, unchecked.</summary>
    public string? RequestId { get; private set; }

    /// <summary>The customer's whole key.</summary>
    public string? Key { get; private set; }

    /// <summary>The account, where no key is given.</summary>
    public string? Account { get; private set; }

    /// <summary>The id of the account's key that spends, where no key is given.</summary>
    public string? KeyId { get; private set; }

    /// <summary>The life of a hold.</summary>
    public long TtlNanos { get; private set; }

    /// <summary>The amount; null to have it priced.</summary>
    public long? AmountNanos { get; private set; }

    /// <summary>The meter.</summary>
    public string Meter { get; private set; } = "api_request";

    /// <summary>How much of the meter.</summary>
    public long Quantity { get; private set; } = 1;

    /// <summary>The workspace.</summary>
    public string? Workspace { get; private set; }

    /// <summary>The address that the customer's key is used from.</summary>
    public string? Address { get; private set; }

    /// <summary>A scope that the customer's key must have.</summary>
    public string? Scope { get; private set; }

    /// <summary>What was used.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>Reads a verification. One that names nothing with a price costs nothing.</summary>
    /// <param name="body">The reader.</param>
    public static SpendBody Verify(ref BodyReader body)
    {
        SpendBody spend = Read(ref body, VerifyFields, out bool canBePriced);
        body.Require(spend.Key, "key");
        spend.AmountNanos ??= canBePriced ? null : 0;
        return spend;
    }

    /// <summary>Reads a charge.</summary>
    /// <param name="body">The reader.</param>
    public static SpendBody Charge(ref BodyReader body)
    {
        SpendBody spend = Read(ref body, ChargeFields, out bool canBePriced);
        spend.RequireSpender(ref body, canBePriced);
        return spend;
    }

    /// <summary>Reads a hold.</summary>
    /// <param name="body">The reader.</param>
    public static SpendBody Hold(ref BodyReader body)
    {
        SpendBody spend = Read(ref body, HoldFields, out bool canBePriced);
        spend.RequireSpender(ref body, canBePriced);
        body.Require(spend.TtlNanos == 0 ? null : spend, "ttlSeconds");
        return spend;
    }

    private static SpendBody Read(ref BodyReader body, FieldSet fields, out bool canBePriced)
    {
        SpendBody spend = new();
        UsageFields usage = default;
        int index;
        while ((index = body.Next(fields)) >= 0)
        {
            if (!usage.Read(ref body, index))
            {
                spend.Read(ref body, index);
            }
        }

        spend.Usage = usage.ToUsage();
        canBePriced = usage.CanBePriced;
        return spend;
    }

    private void Read(ref BodyReader body, int index)
    {
        switch (index - AfterUsage)
        {
            case 0: this.RequestId = RequestIds.Read(ref body); break;
            case 1: this.Key = body.Text(Bounds.Sentence); break;
            case 2: this.AmountNanos = AmountBody.NotNegative(ref body); break;
            case 3: this.Meter = body.Text(Bounds.Name) ?? this.Meter; break;
            case 4: this.Quantity = body.Integer(0, Bounds.Quantity) ?? this.Quantity; break;
            case 5: this.Workspace = body.Text(Bounds.Name); break;
            case 6: this.Address = body.Text(Bounds.IpAddress); break;
            case 7: this.Scope = body.Text(Bounds.Name); break;
            case 8: this.Account = AccountBody.ReadAccount(ref body); break;
            case 9: this.KeyId = body.Text(Bounds.Name); break;
            default: this.TtlNanos = AmountBody.Ttl(ref body); break;
        }
    }

    private void RequireSpender(ref BodyReader body, bool canBePriced)
    {
        if (this.Key is null == this.Account is null)
        {
            body.FailAt(FieldError.Missing, "account", "Send either 'account' or the customer's 'key', and not both.");
        }

        if (this.Key is not null && this.KeyId is not null)
        {
            body.FailAt(FieldError.Invalid, "keyId", "'keyId' goes with 'account'; 'key' says it already.");
        }

        if (this.AmountNanos is null && !canBePriced)
        {
            body.FailAt(FieldError.Missing, "amount", "Send 'amount', or a 'model' or 'endpoint' that has a price.");
        }
    }
}
