using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Npgsql;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Testing;
using Xunit;

namespace OrleansBilling.Processes.Tests;

/// <summary>A host that is asked to stop answers what it has taken. Under load, and that its snapshots are written: <see cref="HostKilledTests"/>.</summary>
public sealed class ShutdownTests
{
    private const int Requests = 100;
    private const string Account = "acme";

    private const int RoundsMax = 5;

    [Fact]
    public async Task A_host_asked_to_stop_while_commits_stand_still_takes_nothing_new_and_answers_all_that_it_has_taken()
    {
        await using Fleet fleet = await Fleet.StartAsync(1);
        await fleet.OpenAccountAsync(Account, creditLimit: 1_000);

        // Where commits stand still for longer than a call may last, all is rightly answered 503 and nothing is shown; then once more.
        int charged = await StopAsync(fleet, round: 1);
        for (int round = 2; charged == 0; round++)
        {
            Assert.True(round <= RoundsMax, $"{RoundsMax} times it took longer than a call may last until the host took nothing new:\n{fleet.Output}");
            await fleet.Hosts[0].StartAsync();
            charged = await StopAsync(fleet, round);
        }

        Assert.Empty(await fleet.BrokenChainsAsync());
    }

    // How many requests were charged.
    private static async Task<int> StopAsync(Fleet fleet, int round)
    {
        HostSlot slot = fleet.Hosts[0];
        Uri address = await slot.AddressAsync();
        using HttpClient http = new(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }) { BaseAddress = address, Timeout = Waiting.Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", fleet.AdminKey);
        http.DefaultRequestHeaders.ExpectContinue = true;
        await using NpgsqlConnection holder = new(fleet.ConnectionString);
        await holder.OpenAsync(TestContext.Current.CancellationToken);

        // All are taken: the host has asked for their bodies. Nothing of them is decided yet.
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] ids = [.. Enumerable.Range(0, Requests).Select(i => string.Create(CultureInfo.InvariantCulture, $"stop-{round}-{i}"))];
        TakenBody[] bodies = [.. ids.Select(id => new TakenBody($$"""{"requestId":"{{id}}","account":"{{Account}}","amount":1}""", go.Task))];
        Task<(HttpStatusCode Status, string Text)>[] answers = Array.ConvertAll(bodies, b => SendAsync(http, b));
        await Waiting.ForAsync(Task.WhenAll(bodies.Select(b => b.Taken)), () => $"the host to ask for all bodies:\n{fleet.Output}");

        NpgsqlTransaction hold = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(holder, "LOCK TABLE billing.journal IN EXCLUSIVE MODE");
        go.SetResult();
        await Waiting.UntilAsync(
            async () => Array.TrueForAll(answers, a => a.IsCompleted)
                || await PostgresServer.ScalarAsync<long>(fleet.ConnectionString, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'billing-writer/%' AND wait_event_type = 'Lock'") > 0,
            () => $"a commit to stand still:\n{fleet.Output}");
        slot.Host.Terminate();
        await Waiting.UntilAsync(() => IsRefusedAsync(address), () => $"new connections to be refused:\n{fleet.Output}");
        bool hasEnded = slot.Host.Ended.IsCompleted;
        await hold.DisposeAsync();

        await Waiting.ForAsync(Task.WhenAll(answers), () => $"all answers:\n{fleet.Output}");
        (HttpStatusCode Status, string Text)[] answered = await Task.WhenAll(answers);
        await slot.Host.EndAsync();

        Assert.Equal(0, slot.Host.ExitCode);
        List<Row> rows = await JournalReader.ReadAsync(fleet.ConnectionString, [Account]);
        for (int i = 0; i < Requests; i++)
        {
            // Whether in time or not, each is told what is so.
            bool isCharged = answered[i].Status == HttpStatusCode.OK;
            Assert.True(isCharged || answered[i].Status == HttpStatusCode.ServiceUnavailable, $"{ids[i]}: {answered[i]}");
            bool isRecorded = rows.Exists(r => r.RequestId == ids[i]);
            bool isInDoubt = !isCharged && JsonDocument.Parse(answered[i].Text).RootElement.GetProperty("code").GetString() == "in_doubt";
            Assert.True(isRecorded == isCharged || isInDoubt, $"{ids[i]} is {(isRecorded ? "" : "not ")}recorded, and was answered {answered[i]}");
        }

        int charged = answered.Count(a => a.Status == HttpStatusCode.OK);
        Assert.True(charged == 0 || !hasEnded, $"It ended before it had answered:\n{fleet.Output}");
        return charged;
    }

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpClient http, HttpContent body)
    {
        using HttpResponseMessage answer = await http.PostAsync(new Uri("/v1/charges", UriKind.Relative), body, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<bool> IsRefusedAsync(Uri address)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A body that says when the host has asked for it (100 Continue), and is not sent before it may.</summary>
    private sealed class TakenBody : HttpContent
    {
        private readonly byte[] json;
        private readonly Task go;
        private readonly TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TakenBody(string json, Task go)
        {
            this.json = Encoding.UTF8.GetBytes(json);
            this.go = go;
            this.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public Task Taken => this.taken.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            this.taken.TrySetResult();
            await this.go;
            await stream.WriteAsync(this.json);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = this.json.Length;
            return true;
        }
    }
}
