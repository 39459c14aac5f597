using Microsoft.Extensions.Logging;

namespace OrleansBilling.Hosting;

/// <summary>Every log message of this project.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Lane {Lane}: the writer session is lost; what it was writing is in doubt until it has surely ended.")]
    public static partial void SessionLost(ILogger logger, int lane, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Lane {Lane}: no writer session: {Reason} Trying again.")]
    public static partial void CannotOpen(ILogger logger, int lane, string reason);

    [LoggerMessage(3, LogLevel.Information, "Lane {Lane}: the journal could not take a batch now: {Reason} Sending it again.")]
    public static partial void Retrying(ILogger logger, int lane, string reason);

    [LoggerMessage(4, LogLevel.Error, "Lane {Lane}: {Units} commands were given up, the first of {Grain}: {Reason}")]
    public static partial void Abandoned(ILogger logger, int lane, int units, GrainId grain, string reason);

    [LoggerMessage(5, LogLevel.Debug, "{Grain} was written by another host; loading it again.")]
    public static partial void Fenced(ILogger logger, GrainId grain);

    [LoggerMessage(6, LogLevel.Critical, "{Grain} is broken and refuses every command: {Reason} Run the verifier.")]
    public static partial void GrainBroken(ILogger logger, GrainId grain, string reason);

    [LoggerMessage(12, LogLevel.Warning, "{Grain}: the snapshot of row {Seq} cannot be read by this release, or is damaged; replaying all rows.")]
    public static partial void SnapshotNotRead(ILogger logger, GrainId grain, long seq);

    [LoggerMessage(7, LogLevel.Error, "The clock of this host may be {SkewMs} ms off the journal's; it refuses to decide until they are known to agree.")]
    public static partial void ClockSkewed(ILogger logger, long skewMs);

    [LoggerMessage(8, LogLevel.Information, "The clocks agree again; deciding.")]
    public static partial void ClockAgrees(ILogger logger);

    [LoggerMessage(9, LogLevel.Warning, "Snapshots were not written: {Reason} Trying again later.")]
    public static partial void SnapshotsNotWritten(ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The clocks could not be compared: {Reason}")]
    public static partial void ClockNotRead(ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Error, "A background loop of the engine failed and goes on.")]
    public static partial void LoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(12, LogLevel.Information, "The request ids of {Grain} could not be read, so each one is looked up: {Reason}")]
    public static partial void CannotReadIds(ILogger logger, GrainId grain, string reason);
}
