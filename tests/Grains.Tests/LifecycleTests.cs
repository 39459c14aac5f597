using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class LifecycleTests
{
    private static readonly OpenAccount Opening = new() { Currency = "USD", Zone = "UTC" };

    [Fact]
    public void Nothing_can_be_done_with_an_account_that_was_not_opened()
    {
        foreach (Command command in Commands.OfEveryKind.Where(c => c is AccountCommand and not OpenAccount))
        {
            new AccountUnderTest().When(command).Then(Outcome.AccountNotFound);
        }
    }

    [Fact]
    public void An_account_is_opened_once() =>
        new AccountUnderTest().Given(Opening).When(Opening).Then(Outcome.AccountExists);

    [Fact]
    public void Opening_names_the_field_that_is_wrong()
    {
        new AccountUnderTest()
            .When(Opening with { Currency = "usd" }).ThenInvalid("currency")
            .When(Opening with { Zone = "Europe/Atlantis" }).ThenInvalid("zone")
            .When(Opening with { AnchorDay = 0 }).ThenInvalid("anchorDay")
            .When(Opening with { AnchorDay = 32 }).ThenInvalid("anchorDay")
            .When(Opening with { CreditLimitNanos = -1 }).ThenInvalid("creditLimitNanos")
            .When(Opening with { Tier = "" }).ThenInvalid("tier")
            .When(Opening with { Quotas = [new QuotaLimit("m", -1)] }).ThenInvalid("quotas[0].max")
            .When(Opening with { Quotas = [new QuotaLimit("m", 1), new QuotaLimit("m", 2)] }).ThenInvalid("quotas[1].meter")
            .When(Opening with { Quotas = null }).ThenInvalid("tier")
            .When(Opening with { Quotas = [null!] }).ThenInvalid("quotas[0]");
    }

    [Fact]
    public void A_suspended_account_refuses_charges_and_holds_and_takes_all_else()
    {
        AccountUnderTest account = Open().Given(Topup(10 * Unit), Charge(Unit), Authorize(Unit), Authorize(Unit), new SuspendAccount("fraud"));
        account
            .When(Charge(1)).Then(Outcome.AccountSuspended)
            .When(Authorize(1)).Then(Outcome.AccountSuspended)
            .When(new SuspendAccount("again")).Then(Outcome.AccountSuspended)
            .Given(Capture(4, Unit), Release(5), Reverse(3), Topup(Unit), Key("k"), new ResumeAccount("cleared"))
            .When(new ResumeAccount("again")).Then(Outcome.AccountNotSuspended)
            .When(Charge(1)).Then(Outcome.Accepted);
    }

    [Fact]
    public void An_account_is_closed_only_when_nothing_is_left_and_then_for_ever()
    {
        AccountUnderTest account = Open(creditLimit: Unit).Given(Topup(Unit));
        account
            .When(new CloseAccount("bye")).Then(Outcome.AccountNotEmpty)
            .Given(Charge(2 * Unit)).When(new CloseAccount("bye")).Then(Outcome.AccountNotEmpty)
            .Given(Topup(Unit), Authorize(0)).When(new CloseAccount("bye")).Then(Outcome.AccountNotEmpty)
            .Given(Release(5), new CloseAccount("bye"));
        foreach (Command command in Commands.OfEveryKind.Where(c => c is AccountCommand and not (OpenAccount or GetAccount or EraseProfile)))
        {
            account.When(command).Then(Outcome.AccountClosed);
        }

        Assert.Equal(AccountStatus.Closed, account.View.Status);
        account.When(Opening).Then(Outcome.AccountExists);
    }

    [Fact]
    public void A_reason_must_be_given() =>
        Open().When(new SuspendAccount("")).ThenInvalid("reason").When(new CloseAccount(null!)).ThenInvalid("reason");
}
