using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Bench.Measuring;

namespace OrleansBilling.Bench.Rows;

/// <summary>The SQL deduct from .NET: prepared, asynchronous, one pooled connection per client, one request at a time on it.</summary>
internal sealed class NpgsqlRow(BenchContext bench, SqlRival rival, string name, bool hot, int quickClients) : IRow
{
    private int clients;

    public string Name => name;

    public string How => $"Npgsql prepared, {this.clients} clients";

    public async Task PrepareAsync()
    {
        await rival.SeededAsync();
        this.clients = await ClientCount.ChooseAsync(bench, name, quickClients, hot ? [4, 8, 16, 32] : [16, 32, 64, 128], this.RunAsync);
    }

    public Task<Sample> RunAsync(TimeSpan duration) => this.RunAsync(this.clients, duration);

    private async Task<Sample> RunAsync(int count, TimeSpan duration)
    {
        NpgsqlConnectionStringBuilder settings = new(await rival.SeededAsync()) { MaxPoolSize = count };
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(settings);
        Client[] connected = new Client[count];
        for (int i = 0; i < count; i++)
        {
            connected[i] = await Client.ConnectAsync(source, rival.Statement);
        }

        Sample sample = await ClosedLoop.RunAsync(
            count, duration, caller => connected[caller].DeductAsync(hot ? 1 : Random.Shared.NextInt64(1, bench.Options.Accounts + 1), bench.NextRequest()));
        foreach (Client client in connected)
        {
            await client.DisposeAsync();
        }

        return sample;
    }

    private sealed class Client(NpgsqlConnection connection, NpgsqlCommand deduct) : IAsyncDisposable
    {
        private readonly NpgsqlParameter<long> account = (NpgsqlParameter<long>)deduct.Parameters["account"];
        private readonly NpgsqlParameter<string> request = (NpgsqlParameter<string>)deduct.Parameters["request"];

        public static async Task<Client> ConnectAsync(NpgsqlDataSource source, string statement)
        {
            NpgsqlConnection connection = await source.OpenConnectionAsync();
            NpgsqlCommand deduct = new(statement, connection);
            deduct.Parameters.Add(new NpgsqlParameter<long>("account", NpgsqlDbType.Bigint));
            deduct.Parameters.Add(new NpgsqlParameter<long>("amount", NpgsqlDbType.Bigint) { TypedValue = SqlRival.Amount });
            deduct.Parameters.Add(new NpgsqlParameter<string>("request", NpgsqlDbType.Text));
            await deduct.PrepareAsync();
            return new Client(connection, deduct);
        }

        public async ValueTask DeductAsync(long accountId, long requestId)
        {
            this.account.TypedValue = accountId;
            this.request.TypedValue = requestId.ToString(CultureInfo.InvariantCulture);
            if (await deduct.ExecuteNonQueryAsync() != 1)
            {
                throw new BenchException("The SQL deduct refused a charge that it should have made.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await deduct.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
