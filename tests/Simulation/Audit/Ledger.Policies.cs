using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Opening, limits, tiers, workspaces, keys.</summary>
internal sealed partial class Ledger
{
    private const int WorkspacesMax = 1_000;
    private const int KeysMax = 1_000;

    private Verdict DecideOpen(OpenAccount c) => this.status != AccountStatus.None
        ? Verdict.Deny(Outcome.AccountExists)
        : Verdict.Accept(new AccountOpened(c.Currency, c.Zone, c.AnchorDay, c.CreditLimitNanos, c.Tier, (c.Quotas ?? c.TierQuotas)!));

    private Verdict DecideLimits(SetLimits c) =>
        this.NotUsable() ?? Verdict.Accept(new LimitsSet(c.CreditLimitNanos, c.DailyCapNanos, c.MonthlyCapNanos, c.LowBalanceNanos));

    private Verdict DecideWorkspace(SetWorkspace c)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        bool known = this.workspaces.TryGetValue(c.Workspace, out LedgerWorkspace? workspace) && workspace.Caps is not null;
        return !known && this.workspaces.Count >= WorkspacesMax ? Verdict.Deny(Outcome.TooMany) : Verdict.Accept(new WorkspaceSet(c.Workspace, c.Caps));
    }

    private Verdict DecideCreateKey(CreateKey c)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        if (this.KeyOf(c.Key) is not null)
        {
            return Verdict.Deny(Outcome.KeyExists);
        }

        if (this.keys.Count >= KeysMax)
        {
            return Verdict.Deny(Outcome.TooMany);
        }

        return Verdict.Accept(new KeyCreated
        {
            Key = c.Key,
            Prefix = c.Prefix,
            Name = c.Name,
            Type = c.Type,
            Scopes = c.Scopes.Length == 0 ? null : c.Scopes,
            ExpiresAtNanos = c.ExpiresAtNanos,
            Workspace = c.Workspace,
            Caps = c.Caps == new Caps() ? null : c.Caps,
            Tag = c.Tag,
            Pepper = c.Pepper,
        });
    }

    private Verdict DecideRevoke(RevokeKey c)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        LedgerKey? key = this.KeyOf(c.Key);
        return key is null ? Verdict.Deny(Outcome.KeyNotFound)
            : key.Revoked ? Verdict.Deny(Outcome.KeyRevoked) : Verdict.Accept(new KeyRevoked(c.Key, c.Reason));
    }

    private Verdict DecideCheckKey(CheckKey c, long now)
    {
        Outcome? bad = this.status switch
        {
            AccountStatus.None => Outcome.AccountNotFound,
            AccountStatus.Suspended => Outcome.AccountSuspended,
            AccountStatus.Closed => Outcome.AccountClosed,
            _ => null,
        };
        LedgerKey? key = this.KeyOf(c.Key);
        bad ??= key is null ? Outcome.KeyNotFound
            : key.Revoked ? Outcome.KeyRevoked
            : key.Created.ExpiresAtNanos <= now ? Outcome.KeyExpired
            : c.Scope is not null && !(key.Created.Scopes ?? []).Any(s => s == "*" || s == c.Scope) ? Outcome.ScopeMissing : null;
        return bad is { } outcome ? Verdict.Deny(outcome) : Verdict.Reply(this.ViewOf(key!, now));
    }
}
