using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Simulation.Workload;

/// <content>Commands about keys.</content>
internal sealed partial class CommandMaker
{
    private static readonly string[] Scopes = ["chat", "embed", "*", "api:*", "api:read", "api:read:*"];
    private static readonly string[] Addresses = ["10.1.2.3", "10.1.9.9", "192.0.2.7", "2001:db8::7", "2001:db8:1::1", "::ffff:10.1.2.3"];

    private static readonly string[] Ranges =
    [
        "10.0.0.0/8", "10.1.2.0/24", "10.1.2.3", "192.0.2.0/29", "0.0.0.0/0", "::/0", "2001:DB8::/32", "2001:db8:1::1", "::ffff:10.1.0.0/112", "2001:db8::/127",
    ];

    // Each is a part of the one before, and begins where that does.
    private static readonly string[] Nested = ["10.0.0.0/8", "10.0.0.0/24", "10.0.0.0/31"];

    private static readonly string[] OddRanges =
        ["10.0.0.1/8", "10.0.0.0/33", "::1/64", "2001:db8::/129", "::ffff:10.0.0.0/90", "10.0.0", "fe80::1%2", "10.0.0.0/", "10.0.0.0/8/8", "[::1]", ""];

    public KeyCommand NextForKey() => random.Below(4) switch
    {
        0 => new IssueKey(
            random.OneIn(8) ? this.garbage.Text() : $"a{random.Below(4)}", random.OneIn(8) ? this.garbage.Text() : $"tag{random.Below(3)}",
            random.OneIn(8) ? this.garbage.Text() : "pepper")
        {
            Hash = this.Hash(),
        },
        1 => new RenewKeyProof(random.OneIn(8) ? this.garbage.Text() : $"tag{random.Below(3)}", random.OneIn(8) ? this.garbage.Text() : $"pepper{random.Below(3)}"),
        _ => new GetKeyProof(),
    };

    // Twice as many as an account may have; of keys that change, a name that nobody had before.
    private Command MoreOf(Shelf shelf) => crowd switch
    {
        Crowd.Keys => random.OneIn(4)
            ? this.RotateKey() with { NewKey = $"k{random.Below(2_000)}" }
            : this.CreateKey() with { Key = $"k{random.Below(2_000)}", Caps = new Caps(), Maker = null },
        Crowd.Workspaces => new SetWorkspace($"w{random.Below(1_100)}", this.Caps()),
        Crowd.Grants => random.OneIn(4)
            ? new ReverseCharge { Charge = this.Number(shelf.Charges) }
            : new PostCredit { Kind = CreditKind.Bonus, AmountNanos = random.Between(this.unit, 2 * this.unit), Priority = 90 },
        Crowd.Holds => random.Below(3) switch
        {
            0 => new Authorize { AmountNanos = random.Below(2), TtlNanos = Second },
            1 => new CaptureHold { Hold = this.Number(shelf.Holds), AmountNanos = random.Below(2), Final = true },
            _ => new ReleaseHold(this.Number(shelf.Holds), null),
        },
        _ => random.Below(12) switch
        {
            < 4 => this.PlainKey(),
            < 7 => this.RotateKey() with { NewKey = this.NewName(), GraceNanos = random.Between(1, 30) * 86_400 * Second },
            < 10 => this.UpdateKey(),
            _ => new RevokeKey(this.Key(), this.Text()) { Maker = this.Maker() },
        },
    };

    // With one limit or none, so that of all that a key may not pass on it is that one which is asked about.
    private CreateKey PlainKey()
    {
        string? maker = random.OneIn(2) ? this.Key() : null;
        CreateKey plain = new()
        {
            Key = this.NewName(),
            Prefix = "sk_",
            Tag = "tag",
            Pepper = "pepper",
            Maker = maker,
            Keeps = this.Kept(),
            ExpiresAtNanos = maker is null ? null : now() + random.Between(Second, 86_400 * Second),
        };
        return random.Below(8) switch
        {
            0 => plain with { Caps = new Caps { DailyNanos = this.Cap() } },
            1 => plain with { Caps = new Caps { TotalNanos = this.Cap(10) } },
            2 => plain with { Rates = new Rates { PerMinute = this.Rate() } },
            3 => plain with { Rates = new Rates { PerDay = this.Rate() } },
            4 => plain with { Addresses = [random.Pick(Nested)] },
            5 => plain with { Scopes = [random.Pick(Scopes)] },
            6 => plain with { Workspace = random.Pick(Workspaces) },
            _ => plain with { Type = KeyType.Internal },
        };
    }

    private string NewName()
    {
        string name = $"n{++this.names}";
        if (this.made.Count < 12)
        {
            this.made.Add(name);
        }
        else
        {
            this.made[random.Below(12)] = name;
        }

        return name;
    }

    private CreateKey CreateKey() => new()
    {
        Key = this.Key(),
        Name = random.OneIn(2) ? null : "for " + this.Text(),
        Type = random.OneIn(60) ? (KeyType)random.Below(5) : random.OneIn(5) ? KeyType.Internal : KeyType.Standard,
        Mode = random.OneIn(6) ? (AccountMode)random.Below(2) : null,
        Scopes = this.KeyScopes(),
        ExpiresAtNanos = this.End(4, 40 * 86_400 * Second),
        Workspace = random.OneIn(4) ? this.Some(Workspaces) : null,
        Caps = this.Caps(),
        Rates = this.Rates(),
        Addresses = this.AllowList(),
        Metadata = this.Metadata(),
        Prefix = random.OneIn(30) ? this.garbage.Text() : random.OneIn(6) ? "pp_live-" : "sk_",
        Tag = random.OneIn(60) ? this.garbage.Text() : "tag",
        Pepper = random.OneIn(60) ? this.garbage.Text() : "pepper",
        Hash = this.Hash(),
        Maker = this.Maker(),
        Keeps = this.Kept(),
        Reason = this.Why(),
    };

    private UpdateKey UpdateKey() => new()
    {
        Key = this.Key(),
        Clear = (KeyParts)(random.OneIn(2) ? random.Below(1024) : 0),
        Name = random.OneIn(4) ? this.Text() : null,
        Scopes = random.OneIn(3) ? this.KeyScopes() : null,
        ExpiresAtNanos = this.End(4, 40 * 86_400 * Second),
        Workspace = random.OneIn(8) ? this.Some(Workspaces) : null,
        Caps = random.OneIn(3) ? this.Caps() : null,
        Rates = random.OneIn(2) ? this.Rates() : null,
        Addresses = random.OneIn(3) ? this.AllowList() : null,
        Metadata = random.OneIn(3) ? this.Metadata() : null,
        RemoveMetadata = random.OneIn(3) ? [$"m{random.Below(20)}"] : null,
        Maker = this.Maker(),
        Keeps = this.Kept(),
        Reason = this.Why(),
    };

    private RotateKey RotateKey() => new()
    {
        Key = this.Key(),
        GraceNanos = random.Below(20) switch { 0 => this.garbage.Number(), < 6 => 0, < 14 => random.Between(0, 5 * Second), _ => random.Between(0, 30 * 86_400 * Second) },
        NewKey = this.Key(),
        Prefix = random.OneIn(8) ? "pp_live-" : random.OneIn(40) ? this.garbage.Text() : "sk_",
        Tag = random.OneIn(60) ? this.garbage.Text() : "tag",
        Pepper = random.OneIn(60) ? this.garbage.Text() : "pepper",
        Hash = this.Hash(),
        Maker = this.Maker(),
        Keeps = this.Kept(),
        Reason = this.Why(),
    };

    private string? Kept() => random.OneIn(4) ? null : random.Pick<string>(["chat", "embed", "api:read", "*"]);

    private string? Maker() => random.OneIn(4) ? this.Key() : null;

    private string? Hash() => random.OneIn(40) ? this.garbage.Text() : random.OneIn(2) ? "hash" : null;

    private string? Scope() => random.OneIn(2) ? null : random.OneIn(30) ? this.garbage.Text() : random.Pick(Scopes);

    private string? Address() => random.OneIn(4) ? null : random.OneIn(60) ? random.Pick(OddRanges) : random.Pick(Addresses);

    private Rates? Rates() => random.OneIn(2) ? null : new()
    {
        PerMinute = random.OneIn(2) ? null : this.Rate(),
        PerDay = random.OneIn(2) ? null : this.Rate(),
    };

    private long Rate() => random.OneIn(60) ? this.garbage.Number() : random.OneIn(4) ? 1_000 : random.Between(1, 6);

    private string[]? AllowList() => random.Below(40) switch
    {
        < 24 => null,
        < 26 => [],
        < 32 => ["0.0.0.0/0", "::/0"],
        < 38 => [.. Enumerable.Range(0, 1 + random.Below(4)).Select(_ => random.Pick(Ranges))],
        38 => [random.Pick(Ranges), random.OneIn(2) ? random.Pick(OddRanges) : this.garbage.Text()],
        _ => [.. Enumerable.Range(0, 30 + random.Below(5)).Select(_ => random.Pick(Ranges))],
    };

    private MetadataItem[]? Metadata() => random.Below(30) switch
    {
        < 16 => null,
        < 26 => [.. Enumerable.Range(0, random.Below(6)).Select(i => new MetadataItem($"m{i + random.Below(3) * 6}", this.Text()))],
        26 => [new MetadataItem(this.garbage.Text(), this.garbage.Text())],
        27 => [new MetadataItem("m1", "1"), random.OneIn(3) ? null! : random.OneIn(2) ? new MetadataItem("m2", null!) : new MetadataItem("m1", "2")],
        _ => [.. Enumerable.Range(random.Below(2) * 6, 14 + random.Below(5)).Select(i => new MetadataItem($"m{i}", "x"))],
    };

    private string[] KeyScopes() => random.Below(90) switch
    {
        < 25 => [],
        < 60 => [random.Pick(Scopes)],
        < 86 => ["chat", "embed"],
        86 => [random.Pick<string>(["a*", "*:a", ":*", "**", "api:*:x"])],
        87 => ["chat", "api:*", "embed"],
        88 => [.. Enumerable.Range(0, random.Below(80)).Select(_ => this.garbage.Text())],
        _ => null!,
    };
}
