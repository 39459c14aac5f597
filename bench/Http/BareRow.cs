using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Http;

/// <summary>The bare JSON endpoint by wrk.</summary>
internal sealed class BareRow(BenchContext bench) : IRow, IAsyncDisposable
{
    private ChildProcess? server;
    private Uri url = new("http://127.0.0.1");
    private string script = "";

    public string Name => "http_bare";

    public string How => $"wrk, {Wrk.Connections} connections";

    public async Task PrepareAsync()
    {
        this.url = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        this.script = await Wrk.WriteScriptAsync(bench, "bare-run.lua", BenchContext.Embedded("bare.lua"));
        this.server = ChildProcess.Start(ChildProcess.Terminate, null, Environment.ProcessPath!, BareEndpoint.Verb, this.url.ToString());
        using HttpClient client = new();
        await this.server.WaitForAsync("the bare endpoint", async () =>
        {
            using StringContent body = new("""{"key":"kkkkkkkkkkkkkkkk","amount":1,"requestId":"x"}""", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage reply = await client.PostAsync(new Uri(this.url, "/echo"), body);
            return reply.IsSuccessStatusCode;
        });
        await Wrk.RunAsync(this.script, this.url, TimeSpan.FromSeconds(1));
    }

    public Task<Sample> RunAsync(TimeSpan duration) => Wrk.RunAsync(this.script, this.url, duration);

    public async ValueTask DisposeAsync()
    {
        if (this.server is not null)
        {
            await this.server.DisposeAsync();
        }
    }
}
