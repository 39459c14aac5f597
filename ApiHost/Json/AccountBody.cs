using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The bodies of an operator's commands to an account.</summary>
internal static class AccountBody
{
    private static readonly string[] CreditKinds = ["topup", "bonus", "refund", "adjustment", "payment_refund", "dispute"];
    private static readonly FieldSet OpenFields = new(RequestIds.Member, "id", "currency", "zone", "anchorDay", "creditLimit", "tier", "mode", "quotas", "reason");
    private static readonly FieldSet CreditFields = new(RequestIds.Member, "kind", "amount", "priority", "expiresAt", "reference", "reason");
    private static readonly FieldSet BalanceFields = new(RequestIds.Member, "balance", "reason");
    private static readonly FieldSet LimitFields = new(RequestIds.Member, "creditLimit", "dailyCap", "monthlyCap", "lowBalance", "reason");
    private static readonly FieldSet TierFields = new(RequestIds.Member, "tier", "quotas", "reason");
    private static readonly FieldSet ZoneFields = new(RequestIds.Member, "zone", "reason");
    private static readonly FieldSet ResetFields = new(RequestIds.Member, "meter", "reason");
    private static readonly FieldSet CapFields = new("daily", "monthly", "total");
    private static readonly FieldSet WorkspaceFields = new(RequestIds.Member, "caps", "reason");

    /// <summary>Reads the opening of an account; null quotas are those of a tier from configuration.</summary>
    /// <param name="body">The reader.</param>
    public static (string Id, OpenAccount Command) Open(ref BodyReader body)
    {
        string? id = null;
        string? currency = null;
        OpenAccount command = new() { Currency = "", Zone = "UTC", Quotas = null };
        int index;
        while ((index = body.Next(OpenFields)) >= 0)
        {
            switch (index)
            {
                case 0: command = command with { RequestId = RequestIds.Read(ref body) }; break;
                case 1: id = ReadAccount(ref body); break;
                case 2: currency = Currency(ref body); break;
                case 3: command = command with { Zone = body.Text(Bounds.Name) ?? command.Zone }; break;
                case 4: command = command with { AnchorDay = (int)(body.Integer(1, 31) ?? 1) }; break;
                case 5: command = command with { CreditLimitNanos = AmountBody.NotNegative(ref body) ?? 0 }; break;
                case 6: command = command with { Tier = body.Text(Bounds.Name) ?? command.Tier }; break;
                case 7: command = command with { Mode = KeyBody.Mode(ref body) ?? command.Mode }; break;
                case 8: command = command with { Quotas = Quotas(ref body) }; break;
                default: command = command with { Reason = body.Text(Bounds.Sentence) }; break;
            }
        }

        body.Require(id, "id");
        body.Require(currency, "currency");
        return (id ?? "", command with { Currency = currency ?? "" });
    }

    /// <summary>Reads a credit or debit.</summary>
    /// <param name="body">The reader.</param>
    public static PostCredit Credit(ref BodyReader body)
    {
        int? kind = null;
        long? amount = null;
        PostCredit command = new() { Kind = CreditKind.Topup, AmountNanos = 0 };
        int index;
        while ((index = body.Next(CreditFields)) >= 0)
        {
            switch (index)
            {
                case 0: command = command with { RequestId = RequestIds.Read(ref body) }; break;
                case 1: kind = body.Word(CreditKinds); break;
                case 2: amount = AmountBody.Signed(ref body); break;
                case 3: command = command with { Priority = (int)(body.Integer(0, 100) ?? command.Priority) }; break;
                case 4: command = command with { ExpiresAtNanos = body.Moment() }; break;
                case 5: command = command with { Reference = body.Text(Bounds.Reference) }; break;
                default: command = command with { Reason = body.Text(Bounds.Sentence) }; break;
            }
        }

        body.Require(kind, "kind");
        body.Require(amount, "amount");
        return command with { Kind = (CreditKind)(kind ?? 0), AmountNanos = amount ?? 0 };
    }

    /// <summary>A kind of credit as it stands in JSON.</summary>
    /// <param name="kind">The kind.</param>
    public static string Name(CreditKind kind) => CreditKinds[(int)kind];

    /// <summary>Reads the setting of a balance.</summary>
    /// <param name="body">The reader.</param>
    public static SetBalance Balance(ref BodyReader body)
    {
        long? balance = null;
        SetBalance command = new() { BalanceNanos = 0 };
        int index;
        while ((index = body.Next(BalanceFields)) >= 0)
        {
            switch (index)
            {
                case 0: command = command with { RequestId = RequestIds.Read(ref body) }; break;
                case 1: balance = AmountBody.Signed(ref body); break;
                default: command = command with { Reason = body.Text(Bounds.Sentence) }; break;
            }
        }

        body.Require(balance, "balance");
        return command with { BalanceNanos = balance ?? 0 };
    }

    /// <summary>Reads limits; they replace all limits, so that every one that is to stay has to be sent.</summary>
    /// <param name="body">The reader.</param>
    public static SetLimits Limits(ref BodyReader body)
    {
        SetLimits command = new();
        int index;
        while ((index = body.Next(LimitFields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { CreditLimitNanos = AmountBody.NotNegative(ref body) ?? 0 },
                2 => command with { DailyCapNanos = AmountBody.NotNegative(ref body) },
                3 => command with { MonthlyCapNanos = AmountBody.NotNegative(ref body) },
                4 => command with { LowBalanceNanos = AmountBody.Signed(ref body) },
                _ => command with { Reason = body.Text(Bounds.Sentence) },
            };
        }

        return command;
    }

    /// <summary>Reads a change of tier; null quotas are those of a tier from configuration.</summary>
    /// <param name="body">The reader.</param>
    public static SetTier Tier(ref BodyReader body)
    {
        string? requestId = null;
        string? tier = null;
        QuotaLimit[]? quotas = null;
        string? reason = null;
        int index;
        while ((index = body.Next(TierFields)) >= 0)
        {
            switch (index)
            {
                case 0: requestId = RequestIds.Read(ref body); break;
                case 1: tier = body.Text(Bounds.Name); break;
                case 2: quotas = Quotas(ref body); break;
                default: reason = body.Text(Bounds.Sentence); break;
            }
        }

        body.Require(tier, "tier");
        return new SetTier(tier ?? "", quotas) { RequestId = requestId, Reason = reason };
    }

    /// <summary>Reads a change of zone.</summary>
    /// <param name="body">The reader.</param>
    public static SetZone Zone(ref BodyReader body)
    {
        SetZone command = new("", null);
        int index;
        while ((index = body.Next(ZoneFields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { Zone = body.Text(Bounds.Name) ?? "" },
                _ => command with { Reason = body.Text(Bounds.Sentence) },
            };
        }

        body.Require(command.Zone.Length == 0 ? null : command, "zone");
        return command;
    }

    /// <summary>Reads the reset of a counter, or of all.</summary>
    /// <param name="body">The reader.</param>
    public static ResetQuota Reset(ref BodyReader body)
    {
        ResetQuota command = new(null, "");
        int index;
        while ((index = body.Next(ResetFields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { Meter = body.Text(Bounds.Name) },
                _ => command with { Reason = body.Text(Bounds.Sentence) ?? "" },
            };
        }

        return command;
    }

    /// <summary>Reads a workspace's caps; they replace all its caps.</summary>
    /// <param name="body">The reader.</param>
    public static SetWorkspace Workspace(ref BodyReader body)
    {
        SetWorkspace command = new("", new Caps());
        int index;
        while ((index = body.Next(WorkspaceFields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { Caps = ReadCaps(ref body) },
                _ => command with { Reason = body.Text(Bounds.Sentence) },
            };
        }

        return command;
    }

    /// <summary>Reads the object <c>caps</c>.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static Caps ReadCaps(ref BodyReader body)
    {
        Caps caps = new();
        if (!body.Enter(out (ulong Seen, string Parent) outer))
        {
            return caps;
        }

        int index;
        while ((index = body.Next(CapFields)) >= 0)
        {
            long? nanos = AmountBody.NotNegative(ref body);
            caps = index switch
            {
                0 => caps with { DailyNanos = nanos },
                1 => caps with { MonthlyNanos = nanos },
                _ => caps with { TotalNanos = nanos },
            };
        }

        body.Leave(outer);
        return caps;
    }

    /// <summary>Reads an account's id.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static string? ReadAccount(ref BodyReader body)
    {
        string? id = body.Text(Bounds.Account);
        if (id is not null && !Bounds.IsAccount(id))
        {
            body.Fail($"must have 1 to {Bounds.Account} letters, digits or . _ - : @");
        }

        return id;
    }

    // {"api_request": 1000, "data_access": null}; null is unlimited.
    private static QuotaLimit[]? Quotas(ref BodyReader body)
    {
        if (!body.Enter(out (ulong Seen, string Parent) outer))
        {
            return null;
        }

        List<QuotaLimit> quotas = [];
        while (body.NextKey(Bounds.Name) is { } meter)
        {
            if (quotas.Count == Bounds.Meters)
            {
                body.Fail($"is one too many: a tier has at most {Bounds.Meters} meters");
            }

            if (quotas.Exists(q => q.Meter == meter))
            {
                body.FailAt(FieldError.Duplicate, "quotas." + meter, $"'quotas.{meter}' stands twice in the body; send it once.");
            }

            quotas.Add(new QuotaLimit(meter, body.Integer(0, Money.MaxTotalNanos)));
        }

        body.Leave(outer);
        return [.. quotas];
    }

    private static string? Currency(ref BodyReader body)
    {
        string? currency = body.Text(3);
        if (currency is not null && (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)))
        {
            body.Fail("must be an ISO 4217 code of three capital letters, such as USD");
        }

        return currency;
    }
}
