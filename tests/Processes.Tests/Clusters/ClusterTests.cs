using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Processes.Tests.Load;
using Xunit;

namespace OrleansBilling.Processes.Tests.Clusters;

/// <summary>
/// What every form of a cluster must survive: real processes behind HAProxy, configured as deployed, under the load of clients that
/// keep every reply and revoke keys meanwhile; and in the end the proof of invariants 1 to 4 and 7.
/// </summary>
public abstract class ClusterTests
{
    // A second of pauses between one request and the last of its repeats.
    private const int RepeatsMax = 50;

    [Fact]
    public Task One_of_three_is_killed_and_comes_back() => ProveAsync(async (fleet, load) =>
    {
        await KillAsync(fleet, load, fleet.Owners[0]);
        await KillAsync(fleet, load, fleet.Owners[2]);
    });

    [Fact]
    public Task One_stands_still_and_goes_on_believing_that_it_owns_its_accounts() => ProveAsync(async (fleet, load) =>
    {
        HostSlot zombie = fleet.Owners[1];
        zombie.Host.Freeze();

        // By now others own what it owned.
        await load.ServedAsync();
        zombie.Host.Thaw();
        await fleet.ReturnAsync(zombie);
    });

    [Fact]
    public Task Two_of_three_are_killed_at_once() => ProveAsync(async (fleet, load) =>
    {
        Task[] killed = [fleet.Owners[0].KillAsync(), fleet.Owners[1].KillAsync()];
        await Task.WhenAll(killed);
        await load.ServedAsync();
        await Task.WhenAll(fleet.Owners[0].StartAsync(), fleet.Owners[1].StartAsync());
    });

    [Fact]
    public Task PostgreSQL_is_restarted_and_then_killed() => ProveAsync(async (fleet, load) =>
    {
        await fleet.Postgres.RestartAsync();
        await load.ServedAsync();
        await fleet.Postgres.KillAsync();
        await fleet.Postgres.StartAgainAsync();
    });

    [Fact]
    public Task All_are_restarted_one_after_another_and_no_request_fails() => ProveAsync(
        async (fleet, load) =>
        {
            foreach (HostSlot slot in fleet.Silos.Concat(fleet.Hosts))
            {
                await fleet.RestartAsync(slot);
                await load.ServedAsync();
            }
        },
        static load =>
        {
            foreach (Operation operation in load.Clients.Operations)
            {
                int unknown = operation.Attempts.Count(a => a.Verdict == Verdict.Unknown);
                Assert.True(unknown <= RepeatsMax, $"A request was repeated {unknown} times: {operation}");
                Attempt? cut = operation.Attempts.FirstOrDefault(a => a.Status == 0);
                Assert.True(cut is null, $"HAProxy did not answer a request: {operation}");
            }
        });

    /// <summary>Starts a cluster of this form, with three owners of accounts.</summary>
    protected abstract Task<Fleet> StartAsync();

    /// <summary>Lets something happen under load, and proves what clients saw.</summary>
    /// <param name="happens">What happens; afterwards all that was there is there again.</param>
    /// <param name="also">What else has to be so.</param>
    protected async Task ProveAsync(Func<Fleet, Workload, Task> happens, Action<Workload>? also = null)
    {
        ArgumentNullException.ThrowIfNull(happens);
        await using Fleet fleet = await this.StartAsync();
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 12);
        Key key = await load.OpenAsync("revoked");
        load.Begin(12, "c", _ => 0);
        load.Add(stop => Revocations.RunAsync(load, "revoked", key, stop));
        await load.ServedAsync();
        await happens(fleet, load);
        await load.ServedAsync();
        await load.AcknowledgedAsync(300);
        await load.ProveAsync();
        also?.Invoke(load);
        int revocations = load.Clients.Operations.Count(o => o.Act == Act.RevokeKey);
        Assert.True(revocations >= 3, $"Only {revocations} keys were revoked.");
    }

    private static async Task KillAsync(Fleet fleet, Workload load, HostSlot slot)
    {
        await slot.KillAsync();
        await load.ServedAsync();
        await slot.StartAsync();
        await fleet.ReturnAsync(slot);
    }
}
