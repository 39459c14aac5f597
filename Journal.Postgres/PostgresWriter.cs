using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>One lane's session. Statements are prepared; each call is one message that is complete before it is sent.</summary>
internal sealed class PostgresWriter : IJournalWriter
{
    private const string PingSql = "SELECT 1";

    internal const string HeadsSql = """
        SELECT h.seq, h.hash
        FROM unnest($1::text[]) WITH ORDINALITY AS q(grain, n)
        LEFT JOIN LATERAL (SELECT j.seq, j.hash FROM billing.journal AS j WHERE j.grain = q.grain ORDER BY j.seq DESC LIMIT 1) AS h ON true
        ORDER BY q.n
        """;

    private readonly NpgsqlConnection connection;
    private readonly KnownHeads known;
    private readonly Blockers blockers;
    private readonly AppendStatement append;
    private readonly RefusalStatement refusals;
    private readonly NpgsqlCommand ping;
    private readonly NpgsqlCommand heads;
    private readonly NpgsqlParameter<string[]> headsGrains = Arrays.Slot<string>(NpgsqlDbType.Text);

    private PostgresWriter(NpgsqlConnection connection, WriterIdentity identity, KnownHeads known, Blockers blockers)
    {
        this.connection = connection;
        this.Identity = identity;
        this.known = known;
        this.blockers = blockers;
        this.append = new AppendStatement(connection);
        this.refusals = new RefusalStatement(connection);
        this.ping = new NpgsqlCommand(PingSql, connection);
        this.heads = new NpgsqlCommand(HeadsSql, connection) { Parameters = { this.headsGrains } };
    }

    /// <inheritdoc/>
    public WriterIdentity Identity { get; }

    /// <summary>Whether the session is known to be over.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Prepares a session that holds its lane's lock.</summary>
    public static async Task<PostgresWriter> PrepareAsync(
        NpgsqlConnection connection, WriterIdentity identity, KnownHeads known, Blockers blockers, CancellationToken ct)
    {
        PostgresWriter writer = new(connection, identity, known, blockers);
        await writer.append.PrepareAsync(ct);
        await writer.refusals.PrepareAsync(ct);
        await writer.ping.PrepareAsync(ct);
        await writer.heads.PrepareAsync(ct);
        return writer;
    }

    /// <inheritdoc/>
    public async Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        if (rows.Count == 0)
        {
            return AppendResult.Committed.Instance;
        }

        if (RowRules.FindBroken(rows) is { } broken)
        {
            return new AppendResult.Rejected(broken);
        }

        return await this.AskAsync<AppendResult>(
            async ct =>
            {
                try
                {
                    HashSet<GrainId>? fenced = await this.FindFencedAsync(rows, ct);
                    if (fenced is not null)
                    {
                        return new AppendResult.Refused(await this.refusals.FindAsync(rows, fenced, ct));
                    }

                    await this.WriteAsync(rows, ct);
                    this.known.Learn(rows);
                    return AppendResult.Committed.Instance;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
                {
                    List<Refusal> found = await this.refusals.FindAsync(rows, [], ct);
                    return found.Count > 0
                        ? new AppendResult.Refused(found)
                        : new AppendResult.Passing($"{e.MessageText}, by a row that is not there any more.");
                }
            },
            static e => ServerErrors.Passes(e)
                ? new AppendResult.Passing($"{e.SqlState}: {e.MessageText}")
                : new AppendResult.Rejected($"{e.SqlState}: {e.MessageText}"),
            ct);
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken ct) => this.AskAsync(ct => this.ping.ExecuteNonQueryAsync(ct), null, ct);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct) =>
        this.AskAsync(ct => this.QueryHeadsAsync(grains, ct), null, ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        this.IsClosed = true;
        await this.blockers.DisposeAsync();
        this.append.Dispose();
        this.refusals.Dispose();
        await this.ping.DisposeAsync();
        await this.heads.DisposeAsync();
        await this.connection.DisposeAsync();
    }

    private async Task WriteAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        this.blockers.Watch();
        try
        {
            int written = await this.append.ExecuteAsync(rows, ct);
            if (written != rows.Count)
            {
                throw new InvalidOperationException($"PostgreSQL wrote {written} of {rows.Count} rows; a rule or trigger on billing.journal must be removed.");
            }
        }
        finally
        {
            this.blockers.Rest();
        }
    }

    // Grains whose rows do not follow the last row there is. One that follows a row seen before is proved without asking.
    private async Task<HashSet<GrainId>?> FindFencedAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        HashSet<GrainId>? fenced = RowRules.FindBreaks(rows);
        if (this.known.FindUnproven(rows) is { } unproven)
        {
            GrainId[] grains = [.. unproven.Select(i => rows[i].Grain)];
            IReadOnlyList<Head> found = await this.QueryHeadsAsync(grains, ct);
            for (int i = 0; i < grains.Length; i++)
            {
                this.known.Learn(grains[i], found[i]);
                if (!RowRules.Follows(found[i], rows[unproven[i]]))
                {
                    (fenced ??= []).Add(grains[i]);
                }
            }
        }

        return fenced;
    }

    private async Task<IReadOnlyList<Head>> QueryHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct)
    {
        string[] paths = new string[grains.Count];
        for (int i = 0; i < paths.Length; i++)
        {
            paths[i] = grains[i].Path;
        }

        this.headsGrains.TypedValue = paths;
        Head[] found = new Head[paths.Length];
        await using NpgsqlDataReader reader = await this.heads.ExecuteReaderAsync(ct);
        for (int i = 0; i < found.Length && await reader.ReadAsync(ct); i++)
        {
            if (!await reader.IsDBNullAsync(0, ct))
            {
                found[i] = new Head(reader.GetInt64(0), RowReader.ReadHash(reader, 1));
            }
        }

        await reader.CloseAsync();
        return found;
    }

    // Whatever leaves it open what the session did, or whether it lives, ends it: then its end can be made sure of.
    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, Func<PostgresException, T>? answered, CancellationToken ct)
    {
        if (this.IsClosed)
        {
            throw new JournalInDoubtException("The writer session is over.");
        }

        try
        {
            return await ask(ct);
        }
        catch (PostgresException e) when (answered is not null && !ServerErrors.EndsSession(e) && !ct.IsCancellationRequested
            && this.connection.FullState.HasFlag(System.Data.ConnectionState.Open))
        {
            return answered(e);
        }
        catch (Exception e)
        {
            await this.DisposeAsync();
            throw new JournalInDoubtException($"The writer session of lane {this.Identity.Lane} was lost: {e.Message}", e);
        }
    }
}
