using System.Net.Http.Headers;
using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Testing;
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

    [Fact]
    public async Task Another_admin_key_is_printed_alone_and_works()
    {
        await using Fleet fleet = await Fleet.StartAsync(1, shared: false);
        HostSlot slot = fleet.Hosts[0];
        slot.Close();
        slot.Host.Terminate();
        await slot.Host.EndAsync();

        await using HostProcess made = await fleet.DoAsync("admin-key");
        string key = await made.AdminKeyAsync();
        await slot.StartAsync();

        Assert.Equal(0, made.ExitCode);
        Assert.Equal(key, made.Printed.Trim());
        Assert.NotEqual(fleet.AdminKey, key, StringComparer.Ordinal);
        using HttpClient http = new() { BaseAddress = await slot.AddressAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage answer = await http.GetAsync(new Uri("/admin/accounts/system/keys", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_admin_key_asked_for_in_a_new_database_is_the_first_and_only_one()
    {
        await using Fleet fleet = await Fleet.StartAsync(0);

        await using HostProcess made = await fleet.DoAsync("admin-key");

        Assert.Equal(0, made.ExitCode);
        Assert.StartsWith("sk_admin_", made.Printed, StringComparison.Ordinal);
        Assert.Equal(1, await PostgresServer.ScalarAsync<long>(fleet.ConnectionString, "SELECT count(*) FROM billing.journal WHERE type = 'key_created'"));
    }
}
