using System.Globalization;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Tests;

public sealed class OutcomeMapTests
{
    public static TheoryData<Outcome> Outcomes => [.. Enum.GetValues<Outcome>()];

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void Every_outcome_has_its_own_code_in_snake_case(Outcome outcome)
    {
        string expected = string.Concat(outcome.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? "_" + c : c.ToString())).ToLower(CultureInfo.InvariantCulture);

        Assert.Equal(expected, OutcomeMap.Answer(outcome).Code);
        Assert.NotEmpty(OutcomeMap.Answer(outcome).Title);
    }

    [Theory]
    [InlineData(Outcome.InsufficientCredit, 402)]
    [InlineData(Outcome.DailyCapExceeded, 402)]
    [InlineData(Outcome.ScopeMissing, 403)]
    [InlineData(Outcome.AccountSuspended, 403)]
    [InlineData(Outcome.AccountNotFound, 404)]
    [InlineData(Outcome.AccountExists, 409)]
    [InlineData(Outcome.IdempotencyMismatch, 422)]
    [InlineData(Outcome.QuotaExceeded, 429)]
    [InlineData(Outcome.Unavailable, 503)]
    [InlineData(Outcome.Overloaded, 503)]
    [InlineData(Outcome.InDoubt, 503)]
    [InlineData(Outcome.Stopping, 503)]
    public void Outcomes_have_the_status_that_the_design_gives_them(Outcome outcome, int status) => Assert.Equal(status, OutcomeMap.Answer(outcome).Status);
}
