using OrleansBilling.Account;

namespace OrleansBilling.Grains.Tests;

/// <summary>Short names for the usual commands.</summary>
internal static class Make
{
    public static PostCredit Topup(long nanos, int priority = 50, long? expires = null) =>
        new() { Kind = CreditKind.Topup, AmountNanos = nanos, Priority = priority, ExpiresAtNanos = expires };

    public static PostCredit Credit(CreditKind kind, long nanos) => new() { Kind = kind, AmountNanos = nanos };

    public static Charge Charge(long nanos, string? key = null, string? workspace = null, long quantity = 1, string meter = "api_request") =>
        new() { AmountNanos = nanos, Key = key, Workspace = workspace, Quantity = quantity, Meter = meter };

    public static Authorize Authorize(long nanos, long ttl = 15 * AccountUnderTest.Minute, string? key = null, string? workspace = null, long quantity = 1) =>
        new() { AmountNanos = nanos, TtlNanos = ttl, Key = key, Workspace = workspace, Quantity = quantity };

    public static CaptureHold Capture(long hold, long nanos, bool final = true) => new() { Hold = hold, AmountNanos = nanos, Final = final };

    public static ReleaseHold Release(long hold) => new(hold, null);

    public static ReverseCharge Reverse(long charge, long? nanos = null) => new() { Charge = charge, AmountNanos = nanos };

    public static CreateKey Key(string id, KeyType type = KeyType.Standard, Caps? caps = null, string? workspace = null, long? expires = null, params string[] scopes) => new()
    {
        Key = id,
        Tag = "tag",
        Pepper = "pepper",
        Type = type,
        Caps = caps ?? new Caps(),
        Workspace = workspace,
        ExpiresAtNanos = expires,
        Scopes = scopes,
    };

    public static RevokeKey Revoke(string id) => new(id, null);
}
