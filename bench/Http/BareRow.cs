using System.Text;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Http;

/// <summary>The bare JSON endpoint by wrk.</summary>
internal sealed class BareRow(BenchContext bench) : IRow, IAsyncDisposable
{
    private ChildProcess? server;
    private Wrk? wrk;

    public string Name => "http_bare";

    public string How => $"wrk, {Wrk.Connections} connections";

    public async Task PrepareAsync()
    {
        Uri url = new($"http://127.0.0.1:{FreePort.Take()}");
        string[] keys = [.. Enumerable.Range(0, VerifyRow.Accounts).Select(i => $"sk_{i:D57}")];
        this.wrk = await Wrk.PrepareAsync(bench, url, "/echo", $"sk_admin_{new string('s', 51)}", keys);
        this.server = ChildProcess.Start(ChildProcess.Terminate, null, "dotnet", typeof(BareRow).Assembly.Location, BareEndpoint.Verb, url.ToString());
        using HttpClient client = new();
        await this.server.WaitForAsync("the bare endpoint", async () =>
        {
            using StringContent body = new($$"""{"key":"{{keys[0]}}","amount":1,"requestId":"x"}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage reply = await client.PostAsync(new Uri(url, "/echo"), body);
            return reply.IsSuccessStatusCode;
        });
        await this.wrk.WarmAsync();
    }

    public Task<Sample> RunAsync(TimeSpan duration) => this.wrk!.RunAsync(duration);

    public async ValueTask DisposeAsync()
    {
        if (this.server is not null)
        {
            await this.server.DisposeAsync();
        }
    }
}
