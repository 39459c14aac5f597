using System.Buffers;
using OrleansBilling.Account;
using OrleansBilling.Grains.Account;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Json;

namespace OrleansBilling.Grains.Tests;

/// <summary>
/// One account under test: Given(what happened) · When(a command) · Then(what came of it). Every event goes through its stored
/// form, every state is audited after every event.
/// </summary>
internal sealed class AccountUnderTest
{
    public const long Unit = Money.NanosPerUnit;
    public const long Second = 1_000_000_000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;

    /// <summary>2026-03-10T12:00:00Z.</summary>
    public const long Start = 1_773_144_000 * Second;

    private static readonly AccountGrain Grain = AccountGrain.Instance;

    private readonly List<(Event Event, long At)> rows = [];
    private object state = Grain.NewState();
    private long entries;
    private Decision last;

    public long Now { get; private set; } = Start;

    public long Seq => this.rows.Count;

    public IReadOnlyList<(Event Event, long At)> Rows => this.rows;

    public AccountState State => (AccountState)this.state;

    public IPrices Prices { get; set; } = PriceTable.Empty;

    public Outcome Outcome => this.last.Accepted is null ? this.last.Answer!.Outcome : Outcome.Accepted;

    public Denied Denied => Assert.IsType<Denied>(this.last.Answer);

    public AccountView View => Assert.IsType<AccountView>(this.When(new GetAccount()).last.Answer);

    /// <summary>An account in USD and UTC, prepaid.</summary>
    public static AccountUnderTest Open(string zone = "UTC", int anchorDay = 1, long creditLimit = 0, params QuotaLimit[] quotas) =>
        new AccountUnderTest().Given(new OpenAccount
        {
            Currency = "USD",
            Zone = zone,
            AnchorDay = anchorDay,
            CreditLimitNanos = creditLimit,
            Quotas = quotas,
        });

    public static byte[] Snapshot(object state)
    {
        ArrayBufferWriter<byte> bytes = new();
        Grain.WriteSnapshot(state, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    public AccountUnderTest At(long nanos)
    {
        Assert.True(nanos >= this.Now, "Time does not go back.");
        this.Now = nanos;
        return this;
    }

    public AccountUnderTest After(long nanos) => this.At(this.Now + nanos);

    /// <summary>Commands that must be accepted.</summary>
    public AccountUnderTest Given(params Command[] commands)
    {
        foreach (Command command in commands)
        {
            this.When(command);
            Assert.True(this.Outcome == Outcome.Accepted, $"{command} was {this.Outcome}: {this.last.Answer}");
        }

        return this;
    }

    /// <summary>What is due happens, then the command is decided and what it decides is applied.</summary>
    public AccountUnderTest When(Command command)
    {
        this.Settle();

        // Deciding changes nothing; looked at while there are few rows, as it takes long with many.
        byte[]? before = this.Seq < 200 ? Snapshot(this.state) : null;
        Event? referenced = command.RefersTo is > 0 and long row && row <= this.rows.Count ? this.rows[(int)row - 1].Event : null;
        long referencedAt = referenced is null ? 0 : this.rows[(int)command.RefersTo - 1].At;
        this.last = Grain.Decide(this.state, this.Seq, command, new TurnContext(this.Now, this.Prices, referenced, referencedAt));
        if (before is not null)
        {
            Assert.Equal(before, Snapshot(this.state));
        }

        if (this.last.Accepted is not null)
        {
            this.Record(this.last.Accepted);
        }

        if (this.last.FollowedBy is not null)
        {
            this.Record(this.last.FollowedBy);
        }

        return this;
    }

    /// <summary>What is due by now happens, as before every decision.</summary>
    public AccountUnderTest Settle()
    {
        while (Grain.NextDue(this.state, this.Now) is { } due)
        {
            Assert.Equal(DueByDefinition.Next(this.State, this.Now), due);
            this.Record(due);
        }

        Assert.Null(DueByDefinition.Next(this.State, this.Now));

        return this;
    }

    public AccountUnderTest Then(Outcome outcome)
    {
        Assert.Equal(outcome, this.Outcome);
        return this;
    }

    public AccountUnderTest Then(Outcome outcome, string limit, long max, long used, long requested, long resetsAt = 0)
    {
        this.Then(outcome);
        Assert.Equal(new Limit(limit, max, used, requested, resetsAt), this.Denied.Limit);
        return this;
    }

    public AccountUnderTest ThenInvalid(string field)
    {
        this.Then(Outcome.Invalid);
        Assert.Equal(field, this.Denied.Field);
        Assert.False(string.IsNullOrWhiteSpace(this.Denied.Detail));
        return this;
    }

    public T Then<T>()
        where T : Event
    {
        this.Then(Outcome.Accepted);
        return Assert.IsType<T>(this.last.Accepted);
    }

    public T ThenAlso<T>()
        where T : Event => Assert.IsType<T>(this.last.FollowedBy);

    public AccountUnderTest ThenNothingElse()
    {
        Assert.Null(this.last.FollowedBy);
        return this;
    }

    public T Answer<T>()
        where T : Reply => Assert.IsType<T>(this.last.Answer);

    public AccountUnderTest HasBalance(long balance, long held = 0)
    {
        Assert.Equal((balance, held), (this.State.Balance, this.State.Held));
        return this;
    }

    /// <summary>The state that replaying all rows from nothing gives.</summary>
    public object Replayed()
    {
        object replayed = Grain.NewState();
        for (int i = 0; i < this.rows.Count; i++)
        {
            Grain.Apply(replayed, this.rows[i].Event, i + 1, this.rows[i].At);
        }

        return replayed;
    }

    /// <summary>Goes on with the state that a snapshot gives back.</summary>
    public AccountUnderTest Restored()
    {
        byte[] snapshot = Snapshot(this.state);
        this.state = Grain.ReadSnapshot(snapshot)!;
        Assert.NotNull(this.state);
        Assert.Equal(snapshot, Snapshot(this.state));
        return this;
    }

    public AccountUnderTest Record(Event e)
    {
        ArrayBufferWriter<byte> stored = new();
        EventJson.Write(e, stored);
        Event read = EventJson.Read(EventJson.TypeName(e), stored.WrittenSpan);
        this.rows.Add((read, this.Now));
        long held = this.State.Held;
        Grain.Apply(this.state, read, this.Seq, this.Now);
        this.entries += Audit.Entry(read);
        Audit.After(this.State, read, this.entries, held);
        return this;
    }
}
