using System.Globalization;
using System.Text;
using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Simulation.Audit;

/// <summary>What commands may say. Which of several wrong fields is named is not said anywhere: any of them will do.</summary>
internal sealed partial class Ledger
{
    private const long MaxQuantity = 1_000_000_000_000;
    private const int ScopesMax = 64;
    private const int MetersMax = 64;

    /// <summary>The wrong fields, or null.</summary>
    public static string? WrongFields(Command command, long now)
    {
        List<string>? wrong = null;
        void Must(bool right, string field)
        {
            if (!right)
            {
                (wrong ??= []).Add(field);
            }
        }

        switch (command)
        {
            case SpendCommand c:
                Must(IsId(c.Meter), "meter");
                Must(IsQuantity(c.Quantity), "quantity");
                Must(c.Key is null || IsId(c.Key), "key");
                Must(c.Workspace is null || IsId(c.Workspace), "workspace");
                Must(c is not Authorize a || IsTtl(a.TtlNanos), "ttlNanos");
                Must(c.Address is null || RangeOf(c.Address, isAddress: true) is not null, "address");
                Must(c.Scope is null || IsName(c.Scope), "scope");
                MustCost(c.AmountNanos, c.Usage, Must);
                break;
            case CaptureHold c:
                MustCost(c.AmountNanos, c.Usage, Must);
                break;
            case ExtendHold c:
                Must(IsTtl(c.TtlNanos), "ttlNanos");
                break;
            case ReleaseHold c:
                Must(IsFree(c.Reason), "reason");
                break;
            case ReverseCharge c:
                Must(c.AmountNanos is null or (>= 1 and <= Money.MaxAmountNanos), "amountNanos");
                Must(IsFree(c.Reason), "reason");
                break;
            case PostCredit c:
                MustCredit(c, now, Must);
                break;
            case SetBalance c:
                Must(c.BalanceNanos is >= -Money.MaxAmountNanos and <= Money.MaxAmountNanos, "balanceNanos");
                Must(IsFree(c.Reason), "reason");
                break;
            case OpenAccount c:
                Must(c.Currency is { Length: 3 } && c.Currency.All(char.IsAsciiLetterUpper), "currency");
                Must(IsZone(c.Zone), "zone");
                Must(c.AnchorDay is >= 1 and <= 31, "anchorDay");
                Must(c.CreditLimitNanos is >= 0 and <= Money.MaxAmountNanos, "creditLimitNanos");
                Must(Enum.IsDefined(c.Mode), "mode");
                MustTier(c.Tier, c.Quotas ?? c.TierQuotas, Must);
                Must((c.Quotas ?? c.TierQuotas ?? []).Length <= MetersMax, "quotas");
                Must(IsFree(c.Reason), "reason");
                break;
            case SetTier c:
                MustTier(c.Tier, c.Quotas ?? c.TierQuotas, Must);
                Must(IsFree(c.Reason), "reason");
                break;
            case SuspendAccount { Reason: var reason }:
                Must(IsReason(reason), "reason");
                break;
            case ResumeAccount { Reason: var reason }:
                Must(IsReason(reason), "reason");
                break;
            case CloseAccount { Reason: var reason }:
                Must(IsReason(reason), "reason");
                break;
            case ResetQuota c:
                Must(c.Meter is null || IsId(c.Meter), "meter");
                Must(IsReason(c.Reason), "reason");
                break;
            case SetLimits c:
                Must(c.CreditLimitNanos is >= 0 and <= Money.MaxAmountNanos, "creditLimitNanos");
                Must(IsCap(c.DailyCapNanos), "dailyCapNanos");
                Must(IsCap(c.MonthlyCapNanos), "monthlyCapNanos");
                Must(c.LowBalanceNanos is null or (>= -Money.MaxAmountNanos and <= Money.MaxAmountNanos), "lowBalanceNanos");
                Must(IsFree(c.Reason), "reason");
                break;
            case SetWorkspace c:
                Must(IsId(c.Workspace), "workspace");
                MustCaps(c.Caps, Must);
                Must(IsFree(c.Reason), "reason");
                break;
            case SetZone c:
                Must(IsZone(c.Zone), "zone");
                Must(IsFree(c.Reason), "reason");
                break;
            case SetProfile c:
                Must(IsName(c.Digest), "digest");
                Must(IsFree(c.Reason), "reason");
                break;
            case EraseProfile c:
                Must(IsFree(c.Reason), "reason");
                break;
            case AskClusterChange c:
                Must(IsName(c.What), "what");
                Must(IsName(c.Target), "target");
                Must(c.Silo is null || IsName(c.Silo), "silo");
                Must(IsFree(c.Reason), "reason");
                break;
            case EndClusterChange c:
                Must(IsName(c.Result), "result");
                break;
            case CreateKey c:
                MustKey(c, now, Must);
                Must(IsFree(c.Reason), "reason");
                break;
            case UpdateKey c:
                Must(IsId(c.Key), "key");
                MustPolicy(c.Name, c.Scopes ?? [], c.ExpiresAtNanos, c.Workspace, c.Caps ?? new Caps(), c.Rates, c.Addresses, now, Must);
                Must(IsFree(c.Reason), "reason");
                break;
            case RotateKey c:
                Must(IsId(c.Key), "key");
                Must(c.GraceNanos is >= 0 and <= 30 * DayNanos, "graceNanos");
                MustProof(c.Prefix, c.NewKey, "newKey", c.Tag, c.Pepper, c.Hash, Must);
                Must(IsFree(c.Reason), "reason");
                break;
            case RevokeKey c:
                Must(IsId(c.Key), "key");
                Must(IsFree(c.Reason), "reason");
                break;
            case CheckKey c:
                Must(IsId(c.Key), "key");
                break;
            case IssueKey c:
                Must(IsId(c.Account), "account");
                Must(IsProof(c.Tag), "tag");
                Must(IsProof(c.Pepper), "pepper");
                Must(c.Hash is null || IsProof(c.Hash), "hash");
                break;
            case RenewKeyProof c:
                Must(IsProof(c.Tag), "tag");
                Must(IsProof(c.Pepper), "pepper");
                break;
        }

        return wrong is null ? null : string.Join('|', wrong);
    }

    private static void MustCost(long? amount, Usage? usage, Action<bool, string> must)
    {
        must(amount is null or (>= 0 and <= Money.MaxAmountNanos), "amountNanos");
        must(amount is not null || usage is not null, "amountNanos");
        if (usage is not null)
        {
            must(IsQuantity(usage.InputTokens), "usage.inputTokens");
            must(IsQuantity(usage.OutputTokens), "usage.outputTokens");
            must(IsQuantity(usage.CachedTokens), "usage.cachedTokens");
            must(IsQuantity(usage.ReasoningTokens), "usage.reasoningTokens");
            must(IsQuantity(usage.DurationMs), "usage.durationMs");
            must(usage.Status is >= 0 and <= 999, "usage.status");
            must(IsFree(usage.Model, 128), "usage.model");
            must(IsFree(usage.Endpoint), "usage.endpoint");
            must(IsFree(usage.Method, 16), "usage.method");
            must(IsFree(usage.Session, 128), "usage.session");
            must(IsFree(usage.Source, 128), "usage.source");
            must(IsFree(usage.Outcome, 128), "usage.outcome");
        }
    }

    private static void MustCredit(PostCredit c, long now, Action<bool, string> must)
    {
        must(Enum.IsDefined(c.Kind), "kind");
        must(c.AmountNanos is >= -Money.MaxAmountNanos and <= Money.MaxAmountNanos and not 0, "amountNanos");
        must(c.Kind == CreditKind.Adjustment || c.AmountNanos > 0, "amountNanos");
        must(c.Priority is >= 0 and <= 100, "priority");
        bool debit = c.Kind is CreditKind.PaymentRefund or CreditKind.Dispute || c.AmountNanos < 0;
        must(c.ExpiresAtNanos is null || (!debit && c.ExpiresAtNanos > now && c.ExpiresAtNanos < long.MaxValue), "expiresAtNanos");
        must(IsFree(c.Reference), "reference");
        must(IsFree(c.Reason), "reason");
    }

    private static void MustTier(string tier, QuotaLimit[]? quotas, Action<bool, string> must)
    {
        must(IsName(tier), "tier");
        must(quotas is not null, "tier");
        for (int i = 0; i < quotas?.Length; i++)
        {
            string field = string.Create(CultureInfo.InvariantCulture, $"quotas[{i}]");
            QuotaLimit? quota = quotas[i];
            must(quota is not null, field);
            must(quota is null || IsId(quota.Meter), field + ".meter");
            must(quota is null || quotas.Take(i).All(q => q?.Meter != quota.Meter), field + ".meter");
            must(quota?.Max is null or (>= 0 and <= Money.MaxTotalNanos), field + ".max");
        }
    }

    private static void MustCaps(Caps? caps, Action<bool, string> must)
    {
        must(caps is not null, "caps");
        must(IsCap(caps?.DailyNanos), "caps.dailyNanos");
        must(IsCap(caps?.MonthlyNanos), "caps.monthlyNanos");
        must(IsCap(caps?.TotalNanos), "caps.totalNanos");
    }

    private static bool IsZone(string? zone) => IsName(zone) && TimeZoneInfo.TryFindSystemTimeZoneById(zone!, out _);

    private static bool IsCap(long? nanos) => nanos is null or (>= 0 and <= Money.MaxTotalNanos);

    private static bool IsQuantity(long count) => count is >= 0 and <= MaxQuantity;

    private static bool IsTtl(long nanos) => nanos is >= 1_000_000_000 and <= 30 * DayNanos;

    private static bool IsId(string? text) => IsName(text) && Encoding.UTF8.GetByteCount(text!) <= 128;

    private static bool IsName(string? text) => !string.IsNullOrEmpty(text) && IsFree(text, 128);

    private static bool IsReason(string? text) => !string.IsNullOrEmpty(text) && IsFree(text);

    private static bool IsProof(string? text) => !string.IsNullOrEmpty(text) && text.Length <= 256 && text.All(c => c is > ' ' and <= '~');

    // Valid Unicode that can be printed, of so many UTF-16 characters at most.
    private static bool IsFree(string? text, int charsMax = 256)
    {
        if (text is null)
        {
            return true;
        }

        if (text.Length > charsMax)
        {
            return false;
        }

        for (int i = 0; i < text.Length;)
        {
            if (text[i] is >= ' ' and <= '~')
            {
                i++;
                continue;
            }

            if (!Rune.TryGetRuneAt(text, i, out Rune rune) || Rune.IsControl(rune))
            {
                return false;
            }

            i += rune.Utf16SequenceLength;
        }

        return true;
    }
}
