using System.Globalization;
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
        await load.AcknowledgedAsync(3_000, TimeSpan.FromSeconds(60));
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
}
