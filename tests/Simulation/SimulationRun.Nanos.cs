using OrleansBilling.Account;
using OrleansBilling.Simulation.Audit;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <content>Amounts that are just what is left of something, one nano more or one less: no other tells a limit from one a nano off.</content>
internal sealed partial class SimulationRun
{
    // By what the auditor knows; where others are under way on the account, it may be another amount by then.
    private Command ToTheNano(Command command, Shelf shelf)
    {
        GrainAudit audit = this.auditor.Of(shelf.Grain);
        if (!this.bending.OneIn(2))
        {
            return command;
        }

        this.auditor.Guard(audit.Advance);
        if (!audit.Ledger.IsOpened || this.Stopped)
        {
            return command;
        }

        // An account with nothing but holds of nothing is not empty.
        if (audit.Ledger is { Balance: 0, Held: 0 } empty && this.bending.OneIn(4))
        {
            return empty.OpenHolds > 0 ? new CloseAccount("x") : new Authorize { AmountNanos = 0, TtlNanos = 3_600 * Second };
        }

        List<long> edges = audit.Ledger.EdgesOf(command, this.world.NowNanos);
        if (edges.Count == 0)
        {
            return command;
        }

        this.Count("amount to the nano");
        long nanos = this.bending.Pick(edges);
        nanos = nanos is > -Money.MaxTotalNanos and < Money.MaxTotalNanos ? nanos + this.bending.Below(3) - 1 : nanos;
        return command switch
        {
            Charge c => c with { AmountNanos = nanos },
            Authorize c => c with { AmountNanos = nanos },
            CaptureHold c => c with { AmountNanos = nanos },
            ReverseCharge c => c with { AmountNanos = nanos },
            PostCredit c => c with { AmountNanos = nanos },
            SetBalance c => c with { BalanceNanos = nanos },
            SetLimits c => c with { LowBalanceNanos = nanos },
            _ => command,
        };
    }
}
