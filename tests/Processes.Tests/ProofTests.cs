using System.Text.Json;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Load;
using Xunit;

namespace OrleansBilling.Processes.Tests;

/// <summary>A proof is worth what it can refute: each lie is told once, over a small true story.</summary>
public sealed class ProofTests
{
    private const long Unit = 1_000_000_000;
    private const string Account = "a";
    private static readonly Key TheKey = new("kid", "sk_kid");

    private readonly List<Row> rows = [];
    private readonly List<Operation> operations = [];
    private long time;

    // A credit of 10, a charge of 4, a hold of 5, a denial, a capture of 3, a read.
    public ProofTests()
    {
        this.Row("account_opened", "open", """{"currency":"EUR"}""");
        this.Row("credit_posted", "credit", $$"""{"amountNanos":{{10 * Unit}},"balanceNanos":{{10 * Unit}}}""");
        this.Answer(Requests.Credit(Account, "credit", 10 * Unit), 201, """{"entry":2,"amount":10,"balance":10}""");
        this.Row("charged", "charge", $$"""{"amountNanos":{{4 * Unit}},"balanceNanos":{{6 * Unit}},"totalSpentNanos":{{4 * Unit}},"key":"kid"}""");
        this.Answer(
            Requests.Verify(Account, "charge", TheKey, 4 * Unit), 200, """{"allowed":true,"code":"accepted","charge":3,"charged":4,"balance":6,"totalSpent":4}""");
        this.Row("hold_placed", "hold", $$"""{"amountNanos":{{5 * Unit}},"balanceNanos":{{6 * Unit}},"heldNanos":{{5 * Unit}}}""");
        this.Answer(Requests.Hold(Account, "hold", 5 * Unit, 60), 201, """{"hold":4,"amount":5,"balance":6,"held":5}""");
        this.Answer(Requests.Charge(Account, "denied", 2 * Unit), 402, Insufficient(max: 6, used: 5, requested: 2));
        this.Row(
            "hold_captured",
            "capture",
            $$"""{"hold":4,"amountNanos":{{3 * Unit}},"releasedNanos":{{2 * Unit}},"final":true,"balanceNanos":{{3 * Unit}},"totalSpentNanos":{{7 * Unit}}}""");
        this.Answer(
            Requests.Capture(Account, "capture", 4, 3 * Unit, final: true), 200, """{"hold":4,"charge":5,"charged":3,"balance":3,"held":0,"totalSpent":7}""");
        this.Answer(Requests.Read(Account), 200, """{"entry":5,"balance":3,"held":0,"totalSpent":7}""");
    }

    [Fact]
    public void The_truth_is_proven() => Assert.Empty(this.Prove());

    [Fact]
    public void An_acknowledged_charge_that_is_not_there_is_found() =>
        this.Refutes("is not in the journal", () => this.Answer(Requests.Charge(Account, "lost", Unit), 200, """{"charge":6,"charged":1,"balance":2,"held":0,"totalSpent":8}"""));

    [Fact]
    public void One_request_with_two_rows_is_found() =>
        this.Refutes("(invariant 4)", () => this.Charged("charge", 1, 2, 8));

    [Fact]
    public void A_denied_request_with_a_row_is_found() =>
        this.Refutes("it was denied and is row 6", () => this.Charged("denied", 2, 1, 9));

    [Fact]
    public void A_row_that_nobody_asked_for_is_found() =>
        this.Refutes("which nobody sent", () => this.Charged("ghost", 1, 2, 8));

    [Fact]
    public void A_balance_that_is_not_the_sum_is_found() =>
        this.Refutes("(invariant 2)", () =>
        {
            this.Charged("off", 1, 1, 8);
            this.Answer(Requests.Charge(Account, "off", Unit), 200, """{"charge":6,"charged":1,"balance":1,"held":0,"totalSpent":8}""");
        });

    [Fact]
    public void Available_below_the_limit_is_found() =>
        this.Refutes("(invariant 1)", () =>
        {
            this.Charged("deep", 4, -1, 11);
            this.Answer(Requests.Charge(Account, "deep", 4 * Unit), 200, """{"charge":6,"charged":4,"balance":-1,"held":0,"totalSpent":11}""");
        });

    [Fact]
    public void A_reply_with_other_numbers_than_its_row_is_found() =>
        this.Refutes("it says balance", () =>
        {
            this.Charged("told", 1, 2, 8);
            this.Answer(Requests.Charge(Account, "told", Unit), 200, """{"charge":6,"charged":1,"balance":2.5,"held":0,"totalSpent":8}""");
        });

    [Fact]
    public void A_stale_read_is_found() =>
        this.Refutes("row 5 had been shown before", () => this.Answer(Requests.Read(Account), 200, """{"entry":4,"balance":6,"held":5,"totalSpent":4}"""));

    [Fact]
    public void A_read_of_what_never_was_is_found() =>
        this.Refutes("a read shows", () => this.Answer(Requests.Read(Account), 200, """{"entry":5,"balance":4,"held":0,"totalSpent":7}"""));

    [Fact]
    public void A_read_of_what_was_lost_is_found() =>
        this.Refutes("the journal ends with 5", () => this.Answer(Requests.Read(Account), 200, """{"entry":6,"balance":2,"held":0,"totalSpent":8}"""));

    [Fact]
    public void A_denial_by_what_is_no_longer_so_is_found() =>
        this.Refutes("is right for no state", () => this.Answer(Requests.Charge(Account, "stale", 2 * Unit), 402, Insufficient(max: 6, used: 5, requested: 2)));

    [Fact]
    public void A_repeat_with_another_reply_is_found() =>
        this.Refutes("a repeat got another reply", () => this.operations[0].Add(this.Attempt(201, """{"entry":2,"amount":10,"balance":11,"replayed":true}""")));

    [Fact]
    public void A_repeat_that_is_denied_is_found() =>
        this.Refutes("a repeat of what was done was denied", () => this.operations[1].Add(this.Attempt(402, Insufficient(max: 3, used: 0, requested: 4))));

    [Fact]
    public void An_id_that_is_taken_twice_is_found() =>
        this.Refutes("taken again for another body", () => this.Answer(Requests.Mismatch(this.operations[1]), 200, """{"charge":3,"charged":4}"""));

    [Fact]
    public void A_hold_that_ends_twice_is_found() =>
        this.Refutes("(invariant 6)", () =>
        {
            this.Row("hold_released", "again", $$"""{"hold":4,"amountNanos":0,"balanceNanos":{{3 * Unit}}}""");
            this.Answer(Requests.Release(Account, "again", 4), 200, """{"hold":4,"released":0,"balance":3,"held":0}""");
        });

    [Fact]
    public void A_charge_by_a_revoked_key_is_found() =>
        this.Refutes("(invariant 7)", () =>
        {
            this.Row("key_revoked", "revoke", """{"key":"kid"}""");
            this.Answer(Requests.Revoke(Account, "revoke", TheKey), 200, """{"entry":6}""");
            this.Row("charged", "used", $$"""{"amountNanos":{{Unit}},"balanceNanos":{{2 * Unit}},"totalSpentNanos":{{8 * Unit}},"key":"kid"}""");
            this.Answer(
                Requests.Verify(Account, "used", TheKey, Unit), 200, """{"allowed":true,"code":"accepted","charge":7,"charged":1,"balance":2,"totalSpent":8}""");
        });

    [Fact]
    public void A_gap_in_the_rows_is_found() =>
        this.Refutes("follows row", () => this.rows.RemoveAt(2));

    private static string Insufficient(long max, long used, long requested) =>
        $$$"""{"code":"insufficient_credit","limit":{"name":"available_credit","max":{{{max}}},"used":{{{used}}},"requested":{{{requested}}}}}""";

    private void Refutes(string expected, Action lie)
    {
        lie();
        Assert.Contains(this.Prove(), wrong => wrong.Contains(expected, StringComparison.Ordinal));
    }

    private IReadOnlyList<string> Prove() => new Proof(this.operations, this.rows).Wrongs;

    private void Charged(string id, long amount, long balance, long spent) => this.Row(
        "charged", id, $$"""{"amountNanos":{{amount * Unit}},"balanceNanos":{{balance * Unit}},"totalSpentNanos":{{spent * Unit}}}""");

    private void Row(string type, string? id, string data) =>
        this.rows.Add(new Row($"account/{Account}", this.rows.Count + 1, type, id, JsonDocument.Parse(data).RootElement));

    private void Answer(Operation operation, int status, string body)
    {
        operation.Add(this.Attempt(status, body));
        this.operations.Add(operation);
    }

    private Attempt Attempt(int status, string body) => new(0, ++this.time, ++this.time, status, body);
}
