using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace OrleansBilling.ApiHost.Tests.Keys;

/// <summary>
/// Two hundred clients at once make, rotate, revoke and use the keys of a few accounts. Each kept every reply; from these alone it
/// is proven that no key is good for a request that was sent after its revocation, or the end of its grace, was answered
/// (invariant 7), and that every charge that was answered, and no other, was taken from the balance.
/// </summary>
public class KeyRaceTests : HttpTests
{
    private const int Clients = 200;
    private const int Steps = 40;
    private const int Accounts = 10;
    private const int FirstKeys = 4;
    private const int Credit = 1000;

    private readonly ConcurrentQueue<Use> uses = new();
    private readonly ConcurrentDictionary<string, (long Sent, long Answered)> ends = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, ConcurrentBag<Made>> keys = new();

    [Fact]
    public async Task A_key_is_good_for_nothing_that_was_sent_after_its_end_was_answered()
    {
        for (int i = 0; i < Accounts; i++)
        {
            await this.Host.OpenAsync(Name(i), "1000.00");
            this.keys[i] = [];
            for (int k = 0; k < FirstKeys; k++)
            {
                this.keys[i].Add(await this.MakeAsync(i));
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => this.ClientAsync(i, new Random(i))));

        Use[] all = [.. this.uses];
        Use[] late = [.. all.Where(u => this.ends.TryGetValue(u.KeyId, out (long Sent, long Answered) end) && u.Sent > end.Answered)];
        Use[] early = [.. all.Where(u => !this.ends.TryGetValue(u.KeyId, out (long Sent, long Answered) end) || u.Answered < end.Sent)];
        Assert.All(late, u => Assert.True(u.Code is "key_revoked" or "key_expired", $"{u.KeyId} was good for a request sent after its end was answered: {u.Code}"));
        Assert.All(early, u => Assert.Equal("accepted", u.Code));

        // Enough of both, or nothing is shown.
        Assert.True(late.Length > 100 && early.Length > 500 && this.ends.Count > 100, $"{late.Length} late, {early.Length} early, {this.ends.Count} ended");
        for (int i = 0; i < Accounts; i++)
        {
            int charged = all.Count(u => u.Account == i && u.Code == "accepted");
            Answered account = await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/" + Name(i));
            Assert.Equal((Credit - charged).ToString(System.Globalization.CultureInfo.InvariantCulture), account.Member("balance"));
        }
    }

    private async Task ClientAsync(int client, Random random)
    {
        for (int step = 0; step < Steps; step++)
        {
            int account = random.Next(Accounts);
            Made[] known = [.. this.keys[account]];
            Made key = known[random.Next(known.Length)];
            switch (random.Next(40))
            {
                case 0:
                    this.keys[account].Add(await this.MakeAsync(account));
                    break;
                case 1:
                    await this.RotateAsync(account, key);
                    break;
                case 2 or 3:
                    await this.EndAsync(key, HttpMethod.Delete, $"/admin/accounts/{Name(account)}/keys/{key.KeyId}", "{}");
                    break;
                default:
                    await this.UseAsync(account, key, $"{client}-{step}");
                    break;
            }
        }
    }

    private async Task<Made> MakeAsync(int account)
    {
        Answered made = (await this.Host.PostAsync($"/admin/accounts/{Name(account)}/keys", "{}")).Expect(HttpStatusCode.Created);
        return new Made(made.Member("keyId"), made.Member("key"));
    }

    private async Task RotateAsync(int account, Made key)
    {
        if (await this.EndAsync(key, HttpMethod.Post, $"/admin/accounts/{Name(account)}/keys/{key.KeyId}/rotate", """{"graceSeconds":0}""") is { Status: HttpStatusCode.Created } made)
        {
            this.keys[account].Add(new Made(made.Member("keyId"), made.Member("key")));
        }
    }

    // The first answer that ends a key counts; before the first request that may have, it was good.
    private async Task<Answered> EndAsync(Made key, HttpMethod method, string path, string body)
    {
        long sent = Stopwatch.GetTimestamp();
        Answered answer = await this.Host.AdminAsync(method, path, body);
        long answered = Stopwatch.GetTimestamp();
        bool ended = answer.Status is HttpStatusCode.OK or HttpStatusCode.Created || answer.Code is "key_revoked" or "key_rotated" or "key_expired";
        Assert.True(ended, $"{method} {path}: {answer.Text}");
        this.ends.AddOrUpdate(key.KeyId, (sent, answered), (_, was) => (Math.Min(was.Sent, sent), Math.Min(was.Answered, answered)));
        return answer;
    }

    private async Task UseAsync(int account, Made key, string requestId)
    {
        long sent = Stopwatch.GetTimestamp();
        Answered answer = (await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{key.Whole}}","amount":1,"requestId":"{{requestId}}"}""")).Expect(HttpStatusCode.OK);
        this.uses.Enqueue(new Use(account, key.KeyId, sent, Stopwatch.GetTimestamp(), answer.Code));
    }

    private static string Name(int account) => $"acct-{account}";

    private sealed record Made(string KeyId, string Whole);

    private sealed record Use(int Account, string KeyId, long Sent, long Answered, string Code);
}

/// <summary>The same where each client's requests go to two hosts in turn.</summary>
public sealed class KeyRaceOnTwoHostsTests : KeyRaceTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}
