using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Processes.Tests.Load;
using Xunit;

namespace OrleansBilling.Processes.Tests;

public sealed class HostKilledTests
{
    private const int Kills = 20;
    private const int Acknowledged = 10_000;

    [Fact]
    public async Task A_host_killed_again_and_again_under_load_loses_nothing_and_invents_nothing()
    {
        await using Fleet fleet = await Fleet.StartAsync(1);
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 8);
        Random random = new(Workload.Seed);
        load.Begin(24, "c", _ => 0);
        for (int kills = 0; kills < Kills || load.Clients.Acknowledged < Acknowledged; kills++)
        {
            await load.AcknowledgedAsync(random.Next(50, 1_000));
            await fleet.Hosts[0].KillAsync();
            if (kills % 5 == 4)
            {
                await fleet.Hosts[0].StartAndKillAsync(TimeSpan.FromMilliseconds(random.Next(800)));
            }

            await fleet.Hosts[0].StartAsync();
        }

        await load.ProveAsync();
        Assert.Contains(load.Clients.Operations, o => o.Done is not null && o.Attempts.Any(a => a.Status == 0));
    }

    [Fact]
    public async Task A_host_asked_to_stop_under_load_finishes_what_it_has_begun()
    {
        await using Fleet fleet = await Fleet.StartAsync(1);
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 8);
        load.Begin(24, "c", _ => 0);
        for (int stops = 0; stops < 3; stops++)
        {
            await load.AcknowledgedAsync(400);
            HostSlot slot = fleet.Hosts[0];
            slot.Close();
            slot.Host.Terminate();
            await slot.Host.EndAsync();
            Assert.True(slot.Host.ExitCode == 0, $"The host ended with code {slot.Host.ExitCode}:\n{slot.Host.Output}");
            Assert.Empty(await fleet.WithoutSnapshotAsync());
            await slot.StartAsync();
        }

        await load.ProveAsync();
        Audit.Attempt? cut = load.Clients.Operations.SelectMany(o => o.Attempts)
            .FirstOrDefault(a => a.Status == 0 && !a.Body.Contains("refused", StringComparison.Ordinal));
        Assert.True(cut is null, $"A request was taken and not answered: {cut}");
    }
}
