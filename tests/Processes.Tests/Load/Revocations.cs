using System.Globalization;
using OrleansBilling.Processes.Tests.Audit;
using Xunit;

namespace OrleansBilling.Processes.Tests.Load;

/// <summary>Keys of one account that are used by several clients at once, revoked meanwhile, and replaced.</summary>
internal static class Revocations
{
    private const long Unit = 1_000_000_000;
    private const int Users = 3;

    // An account has so many keys at most.
    private const int RoundsMax = 400;

    /// <summary>Goes on until told to stop.</summary>
    /// <param name="load">The accounts and clients.</param>
    /// <param name="account">An account that nobody else uses.</param>
    /// <param name="key">Its first key.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(Workload load, string account, Key key, CancellationToken stop)
    {
        await load.Clients.AskAsync(Requests.Credit(account, "credit", 10_000 * Unit), 0);
        for (int round = 1; !stop.IsCancellationRequested && round < RoundsMax; round++)
        {
            string id = round.ToString(CultureInfo.InvariantCulture);
            Key current = key;
            Task[] users = [.. Enumerable.Range(0, Users).Select(u => UseUntilRefusedAsync(load.Clients, account, $"use-{id}-{u}", current))];
            Attempt used = await load.Clients.AskAsync(Requests.Verify(account, $"before-{id}", key, Unit / 1_000), 0);
            Assert.True(used.Verdict == Verdict.Done, $"A new key was refused: {used}");
            Attempt revoked = await load.Clients.AskAsync(Requests.Revoke(account, $"revoke-{id}", key), 0);
            Assert.True(revoked.Verdict == Verdict.Done, $"A key could not be revoked: {revoked}");
            Attempt refused = await load.Clients.AskAsync(Requests.Verify(account, $"after-{id}", key, Unit / 1_000), 0);
            Assert.True(refused.Code == "key_revoked", $"A revoked key was not refused: {revoked} {refused}");
            await Task.WhenAll(users);
            key = await load.MakeKeyAsync(account, $"key-{id}", 0);
        }
    }

    private static async Task UseUntilRefusedAsync(Clients clients, string account, string name, Key key)
    {
        Attempt used;
        int count = 0;
        do
        {
            used = await clients.AskAsync(Requests.Verify(account, string.Create(CultureInfo.InvariantCulture, $"{name}-{++count}"), key, Unit / 1_000), 0);
        }
        while (used.Verdict == Verdict.Done);
        Assert.True(used.Code == "key_revoked", $"A key was refused for another reason than its revocation: {used}");
    }
}
