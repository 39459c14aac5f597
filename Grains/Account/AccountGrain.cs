using System.Buffers;
using System.Diagnostics;
using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// The account: wallet, quota, caps and key policies together, because a charge has to check and move all of them in one turn,
/// all or nothing, and a revocation has to be seen by the very next one.
/// </summary>
public sealed class AccountGrain : GrainKind
{
    private AccountGrain()
    {
    }

    /// <summary>The only one.</summary>
    public static AccountGrain Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => GrainId.AccountKind;

    /// <inheritdoc/>
    public override object NewState() => new AccountState();

    /// <inheritdoc/>
    public override Event? NextDue(object state, long nowNanos) => Due.Next((AccountState)state, nowNanos);

    /// <inheritdoc/>
    public override Decision Decide(object state, long seq, Command command, in TurnContext context)
    {
        AccountState s = (AccountState)state;
        return command switch
        {
            Charge c => Charging.Decide(s, c, in context),
            Authorize c => Holds.Decide(s, c, in context),
            CaptureHold c => Capturing.Decide(s, c, in context),
            ReleaseHold c => Holds.Decide(s, c, context.NowNanos),
            ExtendHold c => Holds.Decide(s, c, context.NowNanos),
            ReverseCharge c => Reversing.Decide(s, seq, c, in context),
            CheckKey c => KeyPolicies.Decide(s, c, context.NowNanos),
            GetAccount => Views.Decide(s, seq, context.NowNanos),
            PostCredit c => Credits.Decide(s, c, context.NowNanos),
            SetBalance c => Credits.Decide(s, c),
            OpenAccount c => Lifecycle.Decide(s, c),
            SuspendAccount c => Lifecycle.Decide(s, c),
            ResumeAccount c => Lifecycle.Decide(s, c),
            CloseAccount c => Lifecycle.Decide(s, c),
            SetLimits c => Limits.Decide(s, c),
            SetWorkspace c => Limits.Decide(s, c, context.NowNanos),
            SetTier c => Quotas.Decide(s, c),
            ResetQuota c => Quotas.Decide(s, c),
            SetZone c => Lifecycle.Decide(s, c, context.NowNanos),
            SetProfile c => Lifecycle.Decide(s, c),
            EraseProfile c => Lifecycle.Decide(s, c),
            AskClusterChange c => ClusterChanges.Decide(s, c),
            EndClusterChange c => ClusterChanges.Decide(s, c),
            CreateKey c => KeyChanges.Decide(s, c, context.NowNanos),
            UpdateKey c => KeyChanges.Decide(s, c, context.NowNanos),
            RotateKey c => KeyChanges.Decide(s, c, context.NowNanos),
            RevokeKey c => KeyChanges.Decide(s, c, context.NowNanos),
            _ => throw new UnreachableException($"An account does not know the command {command.GetType().Name}."),
        };
    }

    /// <inheritdoc/>
    public override void Apply(object state, Event e, long seq, long atNanos)
    {
        AccountState s = (AccountState)state;
        if (e is not (HoldExpired or GrantExpired or LowBalanceCrossed))
        {
            s.DueHolds = null;
        }

        switch (e)
        {
            case Charged charged:
                Charging.Apply(s, charged, seq, atNanos);
                break;
            case HoldPlaced placed:
                Holds.Apply(s, placed, seq, atNanos);
                break;
            case HoldCaptured captured:
                Capturing.Apply(s, captured);
                break;
            case HoldReleased released:
                Holds.Apply(s, released);
                break;
            case HoldExpired expired:
                Holds.Apply(s, expired, atNanos);
                break;
            case HoldExtended extended:
                Holds.Apply(s, extended);
                break;
            case ChargeReversed reversed:
                Reversing.Apply(s, reversed, atNanos);
                break;
            case CreditPosted posted:
                Credits.Apply(s, posted, seq);
                break;
            case GrantExpired expired:
                Credits.Apply(s, expired);
                break;
            case LowBalanceCrossed:
                s.LowBalanceArmed = false;
                break;
            case AccountOpened opened:
                Lifecycle.Apply(s, opened, seq);
                break;
            case AccountSuspended:
                s.Status = AccountStatus.Suspended;
                break;
            case AccountResumed:
                s.Status = AccountStatus.Active;
                break;
            case AccountClosed:
                s.Status = AccountStatus.Closed;
                break;
            case LimitsSet set:
                Limits.Apply(s, set);
                break;
            case WorkspaceSet set:
                Limits.Apply(s, set, seq);
                break;
            case TierSet set:
                Quotas.Apply(s, set, seq);
                break;
            case ZoneSet set:
                Lifecycle.Apply(s, set);
                break;
            case ClusterChangeAsked or ClusterChangeEnded or ProfileSet or ProfileErased:
                // On record only.
                break;
            case QuotaReset reset:
                Quotas.Apply(s, reset, seq);
                break;
            case KeyCreated created:
                KeyPolicies.Apply(s, created);
                break;
            case KeyUpdated updated:
                KeyPolicies.Apply(s, updated);
                break;
            case KeyRevoked revoked:
                KeyPolicies.Apply(s, revoked);
                break;
            default:
                throw new UnreachableException($"An account does not know the event {e.GetType().Name}.");
        }

        LowBalance.Rearm(s);
    }

    /// <inheritdoc/>
    public override void WriteSnapshot(object state, IBufferWriter<byte> output) => AccountSnapshot.Write((AccountState)state, output);

    /// <inheritdoc/>
    public override object? ReadSnapshot(ReadOnlySpan<byte> snapshot) => AccountSnapshot.Read(snapshot);
}
