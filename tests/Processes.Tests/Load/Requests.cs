using OrleansBilling.Processes.Tests.Audit;

namespace OrleansBilling.Processes.Tests.Load;

/// <summary>The requests that clients make.</summary>
public static class Requests
{
    public static Operation Credit(string account, string id, long nanos) => new()
    {
        Act = Act.Credit,
        Account = account,
        RequestId = id,
        AmountNanos = nanos,
        Method = HttpMethod.Post,
        Path = $"/admin/accounts/{account}/credits",
        Body = $$"""{"requestId":"{{id}}","kind":"topup","amount":{{Money.Units(nanos)}}}""",
    };

    public static Operation Charge(string account, string id, long nanos) => new()
    {
        Act = Act.Charge,
        Account = account,
        RequestId = id,
        AmountNanos = nanos,
        Method = HttpMethod.Post,
        Path = "/v1/charges",
        Body = $$"""{"requestId":"{{id}}","account":"{{account}}","amount":{{Money.Units(nanos)}}}""",
    };

    public static Operation Verify(string account, string id, Key key, long nanos) => new()
    {
        Act = Act.Verify,
        Account = account,
        RequestId = id,
        KeyId = key.Id,
        AmountNanos = nanos,
        Method = HttpMethod.Post,
        Path = "/v1/verify",
        Body = $$"""{"requestId":"{{id}}","key":"{{key.Whole}}","amount":{{Money.Units(nanos)}}}""",
    };

    public static Operation Hold(string account, string id, long nanos, int seconds) => new()
    {
        Act = Act.Hold,
        Account = account,
        RequestId = id,
        AmountNanos = nanos,
        Method = HttpMethod.Post,
        Path = "/v1/holds",
        Body = $$"""{"requestId":"{{id}}","account":"{{account}}","amount":{{Money.Units(nanos)}},"ttlSeconds":{{seconds}}}""",
    };

    public static Operation Capture(string account, string id, long hold, long nanos, bool final) => new()
    {
        Act = Act.Capture,
        Account = account,
        RequestId = id,
        AmountNanos = nanos,
        Target = hold,
        Method = HttpMethod.Post,
        Path = $"/v1/holds/{account}/{hold}/capture",
        Body = $$"""{"requestId":"{{id}}","amount":{{Money.Units(nanos)}},"final":{{(final ? "true" : "false")}}}""",
    };

    public static Operation Release(string account, string id, long hold) => new()
    {
        Act = Act.Release,
        Account = account,
        RequestId = id,
        Target = hold,
        Method = HttpMethod.Post,
        Path = $"/v1/holds/{account}/{hold}/release",
        Body = $$"""{"requestId":"{{id}}"}""",
    };

    public static Operation Reverse(string account, string id, long charge, long nanos) => new()
    {
        Act = Act.Reverse,
        Account = account,
        RequestId = id,
        AmountNanos = nanos,
        Target = charge,
        Method = HttpMethod.Post,
        Path = $"/v1/charges/{account}/{charge}/reversals",
        Body = $$"""{"requestId":"{{id}}","amount":{{Money.Units(nanos)}}}""",
    };

    public static Operation CreateKey(string account, string id) => new()
    {
        Act = Act.CreateKey,
        Account = account,
        RequestId = id,
        Method = HttpMethod.Post,
        Path = $"/admin/accounts/{account}/keys",
        Body = $$"""{"requestId":"{{id}}","name":"{{id}}"}""",
    };

    public static Operation Revoke(string account, string id, Key key) => new()
    {
        Act = Act.RevokeKey,
        Account = account,
        RequestId = id,
        KeyId = key.Id,
        Method = HttpMethod.Delete,
        Path = $"/admin/accounts/{account}/keys/{key.Id}",
        Body = $$"""{"requestId":"{{id}}"}""",
    };

    public static Operation Read(string account) => new()
    {
        Act = Act.Read,
        Account = account,
        Method = HttpMethod.Get,
        Path = $"/admin/accounts/{account}",
    };

    /// <summary>The id of another request, with another amount.</summary>
    public static Operation Mismatch(Operation earlier) => new()
    {
        Act = Act.Mismatch,
        Account = earlier.Account,
        RequestId = earlier.RequestId,
        Method = HttpMethod.Post,
        Path = "/v1/charges",
        Body = $$"""{"requestId":"{{earlier.RequestId}}","account":"{{earlier.Account}}","amount":{{Money.Units(earlier.AmountNanos + 1)}}}""",
    };
}

/// <summary>A customer's key.</summary>
/// <param name="Id">Its public id.</param>
/// <param name="Whole">All of it.</param>
public sealed record Key(string Id, string Whole);
