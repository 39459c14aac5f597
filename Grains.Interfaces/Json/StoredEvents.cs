using OrleansBilling.Account;

namespace OrleansBilling.Json;

/// <summary>
/// The events that most rows hold, and nearly every account's, read as this release writes them, several times faster than by the serializer: most of what
/// loading an account costs is reading its rows. A new property is added where it is declared; forgotten, the serializer reads
/// the rows that have it.
/// </summary>
internal static partial class StoredEvents
{
    /// <summary>The event, or null where it is of another kind or in any other form than the usual one.</summary>
    public static Event? TryRead(string type, ReadOnlySpan<byte> data)
    {
        StoredReader r = new(data);
        Event? e = type switch
        {
            "charged" => Charged(ref r),
            "hold_placed" => HoldPlaced(ref r),
            "hold_captured" => HoldCaptured(ref r),
            "hold_released" => HoldReleased(ref r),
            "hold_expired" => HoldExpired(ref r),
            "charge_reversed" => ChargeReversed(ref r),
            "credit_posted" => CreditPosted(ref r),
            "grant_expired" => GrantExpired(ref r),
            "hold_extended" => HoldExtended(ref r),
            "account_opened" => AccountOpened(ref r),
            "account_suspended" => new AccountSuspended(OnlyText(ref r, "\"reason\":"u8)!),
            "account_resumed" => new AccountResumed(OnlyText(ref r, "\"reason\":"u8)!),
            "account_closed" => new AccountClosed(OnlyText(ref r, "\"reason\":"u8)!),
            "limits_set" => LimitsSet(ref r),
            "tier_set" => TierSet(ref r),
            "quota_reset" => QuotaReset(ref r),
            "workspace_set" => WorkspaceSet(ref r),
            "low_balance_crossed" => LowBalanceCrossed(ref r),
            "key_created" => KeyCreated(ref r),
            "key_updated" => KeyUpdated(ref r),
            "key_revoked" => KeyRevoked(ref r),
            _ => null,
        };
        return r.IsWhole ? e : null;
    }

    // Properties are read in the order in which they are declared, which is the order they are written in.
    private static Charged Charged(ref StoredReader r)
    {
        r.Begin();
        Charged e = new()
        {
            AmountNanos = r.RequiredInt64("\"amountNanos\":"u8),
            BalanceNanos = r.RequiredInt64("\"balanceNanos\":"u8),
            HeldNanos = r.Int64("\"heldNanos\":"u8),
            TotalSpentNanos = r.RequiredInt64("\"totalSpentNanos\":"u8),
            Meter = r.RequiredText("\"meter\":"u8),
            Quantity = r.RequiredInt64("\"quantity\":"u8),
            Key = r.Text("\"key\":"u8),
            Workspace = r.Text("\"workspace\":"u8),
            Usage = Usage(ref r),
            PriceVersion = r.Text("\"priceVersion\":"u8),
            Internal = r.Flag("\"internal\":"u8),
            Takes = Parts(ref r, "\"takes\":"u8),
            Day = Window(ref r, "\"day\":"u8),
            Month = Window(ref r, "\"month\":"u8),
            Checks = Checks(ref r),
            LateHold = r.Int64("\"lateHold\":"u8),
        };
        r.End();
        return e;
    }

    private static HoldPlaced HoldPlaced(ref StoredReader r)
    {
        r.Begin();
        HoldPlaced e = new()
        {
            AmountNanos = r.RequiredInt64("\"amountNanos\":"u8),
            BalanceNanos = r.RequiredInt64("\"balanceNanos\":"u8),
            HeldNanos = r.RequiredInt64("\"heldNanos\":"u8),
            ExpiresAtNanos = r.RequiredInt64("\"expiresAtNanos\":"u8),
            Meter = r.RequiredText("\"meter\":"u8),
            Quantity = r.RequiredInt64("\"quantity\":"u8),
            Key = r.Text("\"key\":"u8),
            Workspace = r.Text("\"workspace\":"u8),
            Usage = Usage(ref r),
            PriceVersion = r.Text("\"priceVersion\":"u8),
            Internal = r.Flag("\"internal\":"u8),
            Takes = Parts(ref r, "\"takes\":"u8),
            Day = Window(ref r, "\"day\":"u8),
            Month = Window(ref r, "\"month\":"u8),
            Checks = Checks(ref r),
        };
        r.End();
        return e;
    }

    private static HoldCaptured HoldCaptured(ref StoredReader r)
    {
        r.Begin();
        HoldCaptured e = new()
        {
            Hold = r.RequiredInt64("\"hold\":"u8),
            AmountNanos = r.RequiredInt64("\"amountNanos\":"u8),
            ReleasedNanos = r.Int64("\"releasedNanos\":"u8),
            RemainingNanos = r.Int64("\"remainingNanos\":"u8),
            Final = r.Flag("\"final\":"u8),
            BalanceNanos = r.RequiredInt64("\"balanceNanos\":"u8),
            HeldNanos = r.Int64("\"heldNanos\":"u8),
            TotalSpentNanos = r.RequiredInt64("\"totalSpentNanos\":"u8),
            Takes = Parts(ref r, "\"takes\":"u8),
            Meter = r.RequiredText("\"meter\":"u8),
            Quantity = r.Int64("\"quantity\":"u8),
            Key = r.Text("\"key\":"u8),
            Workspace = r.Text("\"workspace\":"u8),
            PlacedAtNanos = r.RequiredInt64("\"placedAtNanos\":"u8),
            ExcessNanos = r.Int64("\"excessNanos\":"u8),
            Day = Window(ref r, "\"day\":"u8),
            Month = Window(ref r, "\"month\":"u8),
            Usage = Usage(ref r),
            PriceVersion = r.Text("\"priceVersion\":"u8),
            Internal = r.Flag("\"internal\":"u8),
            Checks = Checks(ref r),
        };
        r.End();
        return e;
    }

    private static HoldReleased HoldReleased(ref StoredReader r)
    {
        r.Begin();
        HoldReleased e = new(
            r.Int64("\"hold\":"u8), r.Int64("\"amountNanos\":"u8), r.Int64("\"balanceNanos\":"u8), r.Int64("\"heldNanos\":"u8), r.Text("\"reason\":"u8));
        r.End();
        return e;
    }

    private static HoldExpired HoldExpired(ref StoredReader r)
    {
        r.Begin();
        HoldExpired e = new(
            r.Int64("\"hold\":"u8), r.Int64("\"amountNanos\":"u8), r.Int64("\"balanceNanos\":"u8), r.Int64("\"heldNanos\":"u8), r.Int64("\"dueAtNanos\":"u8));
        r.End();
        return e;
    }

    private static ChargeReversed ChargeReversed(ref StoredReader r)
    {
        r.Begin();
        ChargeReversed e = new()
        {
            Charge = r.RequiredInt64("\"charge\":"u8),
            AmountNanos = r.RequiredInt64("\"amountNanos\":"u8),
            ReversedNanos = r.RequiredInt64("\"reversedNanos\":"u8),
            BalanceNanos = r.RequiredInt64("\"balanceNanos\":"u8),
            HeldNanos = r.Int64("\"heldNanos\":"u8),
            TotalSpentNanos = r.RequiredInt64("\"totalSpentNanos\":"u8),
            Gives = Parts(ref r, "\"gives\":"u8),
            ChargedAtNanos = r.RequiredInt64("\"chargedAtNanos\":"u8),
            Hold = r.Int64("\"hold\":"u8),
            PlacedAtNanos = r.Int64("\"placedAtNanos\":"u8),
            ExcessNanos = r.Int64("\"excessNanos\":"u8),
            Key = r.Text("\"key\":"u8),
            Workspace = r.Text("\"workspace\":"u8),
            Meter = r.RequiredText("\"meter\":"u8),
            Quantity = r.Int64("\"quantity\":"u8),
            Reason = r.Text("\"reason\":"u8),
        };
        r.End();
        return e;
    }

    private static CreditPosted CreditPosted(ref StoredReader r)
    {
        r.Begin();
        CreditPosted e = new()
        {
            Kind = r.RequiredKind("\"kind\":"u8),
            AmountNanos = r.RequiredInt64("\"amountNanos\":"u8),
            BalanceNanos = r.RequiredInt64("\"balanceNanos\":"u8),
            GrantNanos = r.Int64("\"grantNanos\":"u8),
            Priority = r.Int32("\"priority\":"u8),
            ExpiresAtNanos = r.NullableInt64("\"expiresAtNanos\":"u8),
            Takes = Parts(ref r, "\"takes\":"u8),
            Reference = r.Text("\"reference\":"u8),
            Reason = r.Text("\"reason\":"u8),
        };
        r.End();
        return e;
    }

    private static Usage? Usage(ref StoredReader r)
    {
        if (!r.Has("\"usage\":"u8))
        {
            return null;
        }

        r.Begin();
        Usage usage = new()
        {
            Model = r.Text("\"model\":"u8),
            InputTokens = r.Int64("\"inputTokens\":"u8),
            OutputTokens = r.Int64("\"outputTokens\":"u8),
            CachedTokens = r.Int64("\"cachedTokens\":"u8),
            ReasoningTokens = r.Int64("\"reasoningTokens\":"u8),
            Endpoint = r.Text("\"endpoint\":"u8),
            Method = r.Text("\"method\":"u8),
            Session = r.Text("\"session\":"u8),
            Source = r.Text("\"source\":"u8),
            DurationMs = r.Int64("\"durationMs\":"u8),
            Status = r.Int32("\"status\":"u8),
            Outcome = r.Text("\"outcome\":"u8),
        };
        r.End();
        return usage;
    }

    private static Window? Window(ref StoredReader r, ReadOnlySpan<byte> name)
    {
        if (!r.Has(name))
        {
            return null;
        }

        r.Begin();
        Window window = new(r.Int64("\"startNanos\":"u8), r.Int64("\"endNanos\":"u8));
        r.End();
        return window;
    }

    private static GrantPart[]? Parts(ref StoredReader r, ReadOnlySpan<byte> name)
    {
        if (!r.Has(name))
        {
            return null;
        }

        GrantPart[] parts = new GrantPart[r.BeginList()];
        for (int i = 0; i < parts.Length; i++)
        {
            r.Element(i);
            r.Begin();
            parts[i] = new GrantPart(
                r.Int64("\"grant\":"u8), r.Int64("\"nanos\":"u8), r.NullableInt32("\"priority\":"u8), r.NullableInt64("\"expiresAtNanos\":"u8), r.Kind("\"kind\":"u8));
            r.End();
        }

        r.EndList();
        return parts;
    }

    private static Limit[]? Checks(ref StoredReader r)
    {
        if (!r.Has("\"checks\":"u8))
        {
            return null;
        }

        Limit[] checks = new Limit[r.BeginList()];
        for (int i = 0; i < checks.Length; i++)
        {
            r.Element(i);
            r.Begin();
            checks[i] = new Limit(
                r.RequiredText("\"name\":"u8), r.Int64("\"max\":"u8), r.Int64("\"used\":"u8), r.Int64("\"requested\":"u8), r.Int64("\"resetsAtNanos\":"u8));
            r.End();
        }

        r.EndList();
        return checks;
    }
}
