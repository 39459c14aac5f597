using System.Globalization;
using System.Text.Json;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Processes.Tests.Load;
using Xunit;

namespace OrleansBilling.Processes.Tests;

public sealed class TwoHostsTests
{
    private const long Unit = 1_000_000_000;

    [Fact]
    public async Task Two_hosts_on_one_journal_are_never_wrong_about_the_same_accounts()
    {
        await using Fleet fleet = await Fleet.StartAsync(2);
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 5);

        // Any host for any account, and one account that both want more than all others.
        load.Begin(10, "any", random => random.Next(2));
        load.Add(stop => TopUpHereSpendThereAsync(load, "there-and-back", stop));
        load.Add(stop => RevokeHereUseThereAsync(load, "revoked-elsewhere", stop));
        load.Add(stop => RevokeOperatorAsync(load.Clients, fleet.AdminKey, stop));
        await load.AcknowledgedAsync(3_000);
        await load.ProveAsync();

        long answered = load.Clients.Answered.Sum();
        long unable = load.Clients.Unable.Sum();
        string shares = $"{string.Join(" and ", load.Clients.Answered)} calls were answered, {unable} were not";
        Assert.True(answered >= 99 * unable, $"Less than 99% of calls were answered other than 503: {shares}.\n{fleet.Output}");
        Assert.True(load.Clients.Answered.All(a => 5 * a >= answered), $"One host answered less than a fifth of all calls: {shares}.");
    }

    // Nobody else uses this account, so every answer is known beforehand.
    private static async Task TopUpHereSpendThereAsync(Workload load, string account, CancellationToken stop)
    {
        await load.OpenAsync(account);
        for (int round = 1; !stop.IsCancellationRequested; round++)
        {
            int here = round % 2;
            int there = 1 - here;
            string id = round.ToString(CultureInfo.InvariantCulture);

            Operation tooEarly = Requests.Charge(account, $"early-{id}", 5 * Unit);
            Assert.Equal("insufficient_credit", (await load.Clients.AskAsync(tooEarly, there)).Code);
            await load.Clients.AskAsync(Requests.Credit(account, $"credit-{id}", 5 * Unit), here);
            Operation charge = Requests.Charge(account, $"charge-{id}", 5 * Unit);
            Attempt charged = await load.Clients.AskAsync(charge, there);
            Assert.True(charged.Verdict == Verdict.Done, $"A charge right after a top-up through the other host was refused: {charged}");

            // The other host's id, and its consequences.
            Attempt repeated = await load.Clients.AskAsync(charge, here);
            Assert.True(repeated.Json.GetProperty("replayed").GetBoolean(), repeated.ToString());
            Assert.Equal("idempotency_mismatch", (await load.Clients.AskAsync(Requests.Mismatch(charge), here)).Code);
            Assert.Equal("insufficient_credit", (await load.Clients.AskAsync(Requests.Charge(account, $"late-{id}", 1), here)).Code);
            Assert.Equal(0, (await load.Clients.AskAsync(Requests.Read(account), here)).Nanos("balance"));
        }
    }

    private static async Task RevokeHereUseThereAsync(Workload load, string account, CancellationToken stop)
    {
        Key key = await load.OpenAsync(account);
        await load.Clients.AskAsync(Requests.Credit(account, "credit", 1_000 * Unit), 0);
        for (int round = 1; !stop.IsCancellationRequested && round < 400; round++)
        {
            int here = round % 2;
            int there = 1 - here;
            string id = round.ToString(CultureInfo.InvariantCulture);
            Attempt used = await load.Clients.AskAsync(Requests.Verify(account, $"use-{id}", key, Unit / 100), there);
            Assert.True(used.Verdict == Verdict.Done, $"A key that the other host just made was refused: {used}");
            Attempt revoked = await load.Clients.AskAsync(Requests.Revoke(account, $"revoke-{id}", key), here);
            Assert.True(revoked.Verdict == Verdict.Done, $"A key could not be revoked: {revoked}");
            Attempt refused = await load.Clients.AskAsync(Requests.Verify(account, $"after-{id}", key, Unit / 100), there);
            Assert.True(refused.Code == "key_revoked", $"A key that the other host had revoked was not refused: {revoked} {refused}");
            key = await load.MakeKeyAsync(account, $"key-{id}", here);
        }
    }

    // Requests of one key share the question whether it may be used: none that begins after the revocation may pass.
    private static async Task RevokeOperatorAsync(Clients clients, string adminKey, CancellationToken stop)
    {
        const string keys = "/admin/accounts/system/keys";
        for (int round = 1; !stop.IsCancellationRequested && round < 200; round++)
        {
            int here = round % 2;
            Attempt made = await UntilAnsweredAsync(clients, here, HttpMethod.Post, keys, adminKey, $$"""{"requestId":"operator-{{round}}","scopes":["read"]}""");
            Assert.True(made.Status == 201, $"No key was made for an operator: {made}");
            if (!made.Json.TryGetProperty("key", out JsonElement whole))
            {
                // Its secret was lost with the first reply.
                continue;
            }

            string key = whole.GetString()!;
            Task<List<Attempt>>[] users = [.. Enumerable.Range(0, 4).Select(_ => UseUntilRefusedAsync(clients, 1 - here, key))];
            Attempt used = await UntilAnsweredAsync(clients, 1 - here, HttpMethod.Get, keys, key);
            Assert.True(used.Status == 200, $"An operator's key that the other host just made was refused: {used}");
            string revoke = $"{keys}/{made.Json.GetProperty("keyId").GetString()}";
            Attempt revoked = await UntilAnsweredAsync(clients, here, HttpMethod.Delete, revoke, adminKey, $$"""{"requestId":"revoke-{{round}}"}""");
            Assert.True(revoked.Status == 200, $"An operator's key could not be revoked: {revoked}");
            Attempt? late = (await Task.WhenAll(users)).SelectMany(u => u).FirstOrDefault(u => u.Status == 200 && u.Sent > revoked.Ended);
            Assert.True(late is null, $"An operator's key was taken after the reply to its revocation at {revoked.Ended}: {late}");
        }
    }

    private static async Task<List<Attempt>> UseUntilRefusedAsync(Clients clients, int host, string key)
    {
        List<Attempt> uses = [];
        do
        {
            uses.Add(await UntilAnsweredAsync(clients, host, HttpMethod.Get, "/admin/accounts/acct-1", key));
        }
        while (uses[^1].Status == 200);
        return uses;
    }

    private static async Task<Attempt> UntilAnsweredAsync(Clients clients, int host, HttpMethod method, string path, string key, string? body = null)
    {
        while (true)
        {
            Attempt attempt = await clients.AskOutsideAsync(host, method, path, key, body);
            if (attempt.Verdict != Verdict.Unknown)
            {
                return attempt;
            }

            await Waiting.BeforeAskingAgainAsync();
        }
    }
}
