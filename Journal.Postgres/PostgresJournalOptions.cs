using System.Buffers;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Where the journal is, and how this host writes it.</summary>
public sealed record PostgresJournalOptions
{
    private static readonly SearchValues<char> HostNameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>An Npgsql connection string. All hosts use the same role, because a host ends another one's frozen session.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Names this host to operators, in <c>pg_stat_activity</c> and in messages; 1 to 32 of <c>A-Z a-z 0-9 . _ -</c>.</summary>
    public required string HostName { get; init; }

    /// <summary>Whether other hosts may write the same journal. All hosts say the same.</summary>
    public bool Shared { get; init; }

    /// <summary>The number of writer lanes to set a new database up with, 1 to 64; an existing database keeps its own.</summary>
    public int Lanes { get; init; } = 1;

    internal void Check()
    {
        if (this.HostName.Length is 0 or > 32 || this.HostName.AsSpan().ContainsAnyExcept(HostNameCharacters))
        {
            throw new JournalSetupException($"The host name '{this.HostName}' is not 1 to 32 of A-Z a-z 0-9 . _ -: configure another one.");
        }

        if (this.Lanes is < 1 or > 64)
        {
            throw new JournalSetupException($"{this.Lanes} writer lanes are configured; 1 to 64 are possible.");
        }
    }
}

/// <summary>The database cannot be used as it is configured; the message says what to change.</summary>
public sealed class JournalSetupException(string message) : Exception(message);
