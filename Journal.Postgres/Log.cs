using Microsoft.Extensions.Logging;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Every log message of this project.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Applied migration {Name}.")]
    public static partial void Migrated(ILogger logger, string name);

    [LoggerMessage(2, LogLevel.Information, "Lane {Lane} is written by server process {ProcessId}.")]
    public static partial void WriterOpened(ILogger logger, int lane, int processId);

    [LoggerMessage(3, LogLevel.Warning, "Ended this host's lost session on lane {Lane}, server process {ProcessId}, which was still there.")]
    public static partial void PreviousEnded(ILogger logger, int lane, int processId);

    [LoggerMessage(4, LogLevel.Warning, "Lane {Lane} was blocked for more than a second by {Session}, server process {ProcessId}: ended it.")]
    public static partial void BlockerEnded(ILogger logger, int lane, string session, int processId);

    [LoggerMessage(5, LogLevel.Warning, "Lane {Lane} is blocked, but what blocks it cannot be looked up: {Reason}")]
    public static partial void BlockersUnknown(ILogger logger, int lane, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Other hosts' calls for rest cannot be heard: {Reason} Connecting again.")]
    public static partial void ListenerLost(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Warning, "A call for rest was not understood and is ignored.")]
    public static partial void RestNotUnderstood(ILogger logger);

    [LoggerMessage(8, LogLevel.Warning, "This database is a copy or was restored: the outbox was numbered anew; what was delivered before the copy was made is not delivered again.")]
    public static partial void Rebased(ILogger logger);

    [LoggerMessage(9, LogLevel.Error, "A subscriber to calls for rest failed.")]
    public static partial void RestFailed(ILogger logger, Exception exception);
}
