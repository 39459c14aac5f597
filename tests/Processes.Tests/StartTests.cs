using OrleansBilling.Processes.Tests.Harness;
using Xunit;

namespace OrleansBilling.Processes.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_host_that_wants_to_be_alone_and_another_one_exclude_each_other_and_say_so(bool firstShared, bool secondShared)
    {
        await using Fleet fleet = await Fleet.StartAsync(1, firstShared);
        HostProcess second = await fleet.TryHostAsync(secondShared);
        await using (second)
        {
            Assert.NotEqual(0, second.ExitCode);
            Assert.Contains("Shared", second.Output, StringComparison.Ordinal);
        }
    }
}
