using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Processes.Tests.Load;
using Xunit;

namespace OrleansBilling.Processes.Tests;

public sealed class DatabaseFailsTests
{
    [Fact]
    public async Task A_host_whose_database_is_killed_under_load_recovers_by_itself()
    {
        await using Fleet fleet = await Fleet.StartAsync(1);
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 8);
        Random random = new(Workload.Seed);
        HostProcess host = fleet.Hosts[0].Host;
        load.Begin(24, "c", _ => 0);
        for (int kills = 0; kills < 4; kills++)
        {
            await load.AcknowledgedAsync(random.Next(100, 1_000));
            await fleet.Postgres.KillAsync();
            await fleet.Postgres.StartAgainAsync();
        }

        await load.AcknowledgedAsync(500);
        Assert.False(host.Ended.IsCompleted);
        await load.ProveAsync();
    }

    [Theory]
    [InlineData("application_name LIKE 'billing-writer/%'")]
    [InlineData("true")]
    public async Task A_host_whose_sessions_are_cut_around_commits_guesses_nothing(string sessions)
    {
        await using Fleet fleet = await Fleet.StartAsync(1);
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 8);
        Random random = new(Workload.Seed);
        load.Begin(24, "c", _ => 0);
        for (int cuts = 0; cuts < 30; cuts++)
        {
            await load.AcknowledgedAsync(random.Next(1, 100));
            await fleet.CutFirstHostAsync(sessions);
        }

        await load.AcknowledgedAsync(500);
        await load.ProveAsync();
        Assert.Contains(load.Clients.Operations, o => o.Attempts.Any(a => a.Code == "in_doubt"));
    }
}
