using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

/// <summary>
/// A charge that is wrong in two ways gets the answer that stands first in <see cref="Outcome"/>: every pair of reasons that
/// can hold together, for charges and for holds.
/// </summary>
public class PrecedenceTests
{
    private const long Amount = 100;

    // Each makes a charge of 100 by key k in workspace w fail for one reason.
    private static readonly (Outcome Outcome, Action<Setup> Cause)[] Reasons =
    [
        (Outcome.Invalid, s => s.Quantity = -1),
        (Outcome.AccountSuspended, s => s.Last.Add(new SuspendAccount("test"))),
        (Outcome.KeyNotFound, s => s.Key = "unknown"),
        (Outcome.KeyRevoked, s => s.Last.Add(Revoke("k"))),
        (Outcome.KeyExpired, s => s.KeyExpires = Start + Hour),
        (Outcome.AddressNotAllowed, s => s.Addresses = ["10.0.0.0/8"]),
        (Outcome.ScopeMissing, s => s.Scope = "other"),
        (Outcome.PriceNotFound, s => s.Usage = new Usage { Model = "unknown" }),
        (Outcome.Overflow, s => s.Usage = new Usage { Model = "absurd", InputTokens = 1_000_000_000_000 }),
        (Outcome.KeyMinuteRateExceeded, s => s.Rates = (s.Rates ?? new Rates()) with { PerMinute = 1 }),
        (Outcome.KeyDailyRateExceeded, s => s.Rates = (s.Rates ?? new Rates()) with { PerDay = 1 }),
        (Outcome.QuotaExceeded, s => s.Quota = 0),
        (Outcome.KeyDailyCapExceeded, s => s.KeyCaps = s.KeyCaps with { DailyNanos = Amount - 1 }),
        (Outcome.KeyMonthlyCapExceeded, s => s.KeyCaps = s.KeyCaps with { MonthlyNanos = Amount - 1 }),
        (Outcome.KeyTotalCapExceeded, s => s.KeyCaps = s.KeyCaps with { TotalNanos = Amount - 1 }),
        (Outcome.WorkspaceDailyCapExceeded, s => s.WorkspaceCaps = s.WorkspaceCaps with { DailyNanos = Amount - 1 }),
        (Outcome.WorkspaceMonthlyCapExceeded, s => s.WorkspaceCaps = s.WorkspaceCaps with { MonthlyNanos = Amount - 1 }),
        (Outcome.WorkspaceTotalCapExceeded, s => s.WorkspaceCaps = s.WorkspaceCaps with { TotalNanos = Amount - 1 }),
        (Outcome.DailyCapExceeded, s => s.Limits = s.Limits with { DailyCapNanos = Amount - 1 }),
        (Outcome.MonthlyCapExceeded, s => s.Limits = s.Limits with { MonthlyCapNanos = Amount - 1 }),
        (Outcome.InsufficientCredit, s => s.Credit = Amount - 1),
    ];

    [Fact]
    public void Each_reason_alone_is_the_answer()
    {
        Assert.Equal(Outcome.Accepted, new Setup().Decide(hold: false));
        Assert.Equal(Outcome.Accepted, new Setup().Decide(hold: true));
        foreach ((Outcome outcome, Action<Setup> cause) in Reasons)
        {
            foreach (bool hold in new[] { false, true })
            {
                Setup setup = new();
                cause(setup);
                Assert.Equal(outcome, setup.Decide(hold));
            }
        }
    }

    [Fact]
    public void Of_any_two_reasons_the_first_is_the_answer()
    {
        for (int first = 0; first < Reasons.Length; first++)
        {
            for (int second = first + 1; second < Reasons.Length; second++)
            {
                foreach (bool hold in new[] { false, true })
                {
                    Setup setup = new();
                    Reasons[second].Cause(setup);
                    Reasons[first].Cause(setup);
                    Assert.True(
                        Reasons[first].Outcome == setup.Decide(hold),
                        $"{Reasons[first].Outcome} before {Reasons[second].Outcome}, hold: {hold}");
                }
            }
        }
    }

    private sealed class Setup
    {
        public string Key { get; set; } = "k";

        public long? KeyExpires { get; set; }

        public string[]? Addresses { get; set; }

        public string? Scope { get; set; }

        public Rates? Rates { get; set; }

        public Caps KeyCaps { get; set; } = new();

        public Caps WorkspaceCaps { get; set; } = new();

        public SetLimits Limits { get; set; } = new();

        public long Credit { get; set; } = 10 * Amount;

        public long? Quota { get; set; }

        public long Quantity { get; set; } = 1;

        public Usage? Usage { get; set; }

        public List<Command> Last { get; } = [];

        public Outcome Decide(bool hold)
        {
            AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", this.Quota));
            account.Prices = new PriceTable(new PriceVersion
            {
                Version = "v",
                Models = new Dictionary<string, ModelPrice>(StringComparer.Ordinal) { ["absurd"] = new() { InputNanosPerMillion = Money.MaxAmountNanos } },
            });
            account.Given(
                Topup(this.Credit), Make.Key("k", caps: this.KeyCaps, expires: this.KeyExpires) with { Rates = this.Rates, Addresses = this.Addresses }, new SetWorkspace("w", this.WorkspaceCaps), this.Limits);
            account.After(Hour - Second);
            if (this.Rates is not null)
            {
                // The one request that the limit allows.
                account.Given(Make.Charge(0, key: "k", quantity: 0) with { Address = "10.0.0.1" });
            }

            account.Given([.. this.Last]).After(Second);
            long? amount = this.Usage is null ? Amount : null;
            return account.When(hold
                ? new Authorize { AmountNanos = amount, Usage = this.Usage, Key = this.Key, Workspace = "w", Quantity = this.Quantity, Scope = this.Scope, TtlNanos = Minute }
                : new Charge { AmountNanos = amount, Usage = this.Usage, Key = this.Key, Workspace = "w", Quantity = this.Quantity, Scope = this.Scope }).Outcome;
        }
    }
}
