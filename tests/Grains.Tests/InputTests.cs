using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class InputTests
{
    public static TheoryData<string> WrongIds => ["", "a\0b", "a\nb", "\u0085", "\ud83d", "x\udc00", new string('a', 129), new string('ä', 65)];

    [Theory]
    [MemberData(nameof(WrongIds))]
    public void An_id_that_could_not_be_stored_is_refused(string id) => Open()
        .When(Charge(1, key: id)).ThenInvalid("key")
        .When(Charge(1, workspace: id)).ThenInvalid("workspace")
        .When(Charge(1, meter: id)).ThenInvalid("meter")
        .When(Authorize(1, key: id)).ThenInvalid("key")
        .When(new SetWorkspace(id, new Caps())).ThenInvalid("workspace")
        .When(Revoke(id)).ThenInvalid("key");

    [Theory]
    [InlineData("ä")]
    [InlineData("日本 語")]
    [InlineData("🎉")]
    public void Any_other_text_is_an_id(string id) =>
        Open().Given(Topup(9), Key(id), new SetWorkspace(id, new Caps()), Charge(1, key: id, workspace: id, meter: id));

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(Money.MaxAmountNanos + 1)]
    [InlineData(long.MaxValue)]
    public void A_negative_or_absurd_amount_is_refused(long nanos) => Open().Given(Topup(9), Authorize(1))
        .When(Charge(nanos)).ThenInvalid("amountNanos")
        .When(Authorize(nanos)).ThenInvalid("amountNanos")
        .When(Capture(3, nanos)).ThenInvalid("amountNanos");

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000_000_001)]
    public void Negative_or_absurd_counts_are_refused(long count) => Open()
        .When(Charge(1, quantity: count)).ThenInvalid("quantity")
        .When(Used(new Usage { InputTokens = count })).ThenInvalid("usage.inputTokens")
        .When(Used(new Usage { OutputTokens = count })).ThenInvalid("usage.outputTokens")
        .When(Used(new Usage { CachedTokens = count })).ThenInvalid("usage.cachedTokens")
        .When(Used(new Usage { ReasoningTokens = count })).ThenInvalid("usage.reasoningTokens")
        .When(Used(new Usage { DurationMs = count })).ThenInvalid("usage.durationMs");

    [Fact]
    public void Texts_of_a_usage_are_bounded_and_clean() => Open()
        .When(Used(new Usage { Model = new string('m', 129) })).ThenInvalid("usage.model")
        .When(Used(new Usage { Endpoint = "a\0" })).ThenInvalid("usage.endpoint")
        .When(Used(new Usage { Method = new string('m', 17) })).ThenInvalid("usage.method")
        .When(Used(new Usage { Session = "\ud800" })).ThenInvalid("usage.session")
        .When(Used(new Usage { Source = "\u0007" })).ThenInvalid("usage.source")
        .When(Used(new Usage { Outcome = new string('m', 129) })).ThenInvalid("usage.outcome")
        .When(Used(new Usage { Status = 1000 })).ThenInvalid("usage.status");

    [Fact]
    public void A_charge_needs_an_amount_or_a_usage() =>
        Open().When(new Charge()).ThenInvalid("amountNanos").When(new Authorize { TtlNanos = Minute }).ThenInvalid("amountNanos");

    [Fact]
    public void Totals_beyond_their_range_are_an_outcome()
    {
        AccountUnderTest account = Open().Given(Topup(Money.MaxAmountNanos));
        account.State.TotalSpent = Money.MaxTotalNanos;
        account.When(Charge(1)).Then(Outcome.Overflow).When(Authorize(1)).Then(Outcome.Overflow);
    }

    private static Charge Used(Usage usage) => new() { AmountNanos = 1, Usage = usage };
}
