using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Hears, on a session of its own, which grains other hosts ask to rest. Best effort: what is called while it is not connected is lost.</summary>
/// <param name="sessions">Makes the session.</param>
/// <param name="time">Measures the pause before connecting again.</param>
/// <param name="logger">Hears of lost connections.</param>
/// <param name="requested">Called with each grain.</param>
internal sealed class RestCalls(Sessions sessions, TimeProvider time, ILogger logger, Action<GrainId> requested) : IAsyncDisposable
{
    private const string Channel = "billing_rest";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A host hears its own calls too.
    private readonly string self = Guid.NewGuid().ToString("N");
    private readonly CancellationTokenSource stop = new();
    private Task listening = Task.CompletedTask;

    /// <summary>Connects and listens from here on.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        NpgsqlConnection connection = await this.ConnectAsync(ct);
        this.listening = this.ListenAsync(connection);
    }

    /// <summary>The parameters of a call: channel and payload.</summary>
    public void Write(NpgsqlParameterCollection parameters, GrainId grain)
    {
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Channel });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{this.self} {grain.Path}" });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.stop.CancelAsync();
        await this.listening;
        this.stop.Dispose();
    }

    private async Task ListenAsync(NpgsqlConnection? connection)
    {
        while (!this.stop.IsCancellationRequested)
        {
            try
            {
                connection ??= await this.ConnectAsync(this.stop.Token);
                while (true)
                {
                    await connection.WaitAsync(this.stop.Token);
                }
            }
            catch (OperationCanceledException) when (this.stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Whatever it is: what others ask for must not be missed until a restart of the host.
                Log.ListenerLost(logger, e.Message);
            }

            await CloseAsync(connection);
            connection = null;
            await Task.Delay(Pause, time, this.stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await CloseAsync(connection);
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        NpgsqlConnection connection = sessions.Listener();
        try
        {
            connection.Notification += (_, e) => this.Hear(e.Payload);
            await connection.OpenAsync(ct);
            await using NpgsqlCommand listen = new($"LISTEN {Channel}", connection);
            await listen.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task CloseAsync(NpgsqlConnection? connection)
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private void Hear(string payload)
    {
        int blank = payload.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0)
        {
            Log.RestNotUnderstood(logger);
        }
        else if (!payload.AsSpan(0, blank).SequenceEqual(this.self))
        {
            try
            {
                requested(new GrainId(payload[(blank + 1)..]));
            }
            catch (Exception e)
            {
                // A subscriber's fault must not end the listening.
                Log.RestFailed(logger, e);
            }
        }
    }
}
