using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost;

/// <summary>Every log message of this project. None takes a key, a secret or a body.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Key {KeyId} was made with the pepper {Theirs}, this host has {Ours}, and there is no hash to prove it by: make another in its place.")]
    public static partial void KeyUnderOtherPepper(this ILogger logger, string keyId, string theirs, string ours);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Route} failed; the caller was told of request {RequestId}.")]
    public static partial void RequestFailed(this ILogger logger, string method, string? route, string requestId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The key that row {Seq} of {Grain} made has no proof yet: {Reason}. It is refused until it has; trying again in {Seconds} s.")]
    public static partial void ProofNotRecorded(this ILogger logger, GrainId grain, long seq, string reason, double seconds);

    [LoggerMessage(4, LogLevel.Warning, "The keys that the journal may have left without a proof could not be read: {Reason} Trying again.")]
    public static partial void OutboxNotRead(this ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Information, "The key that row {Seq} of {Grain} made has its proof now.")]
    public static partial void ProofRecordedAtLast(this ILogger logger, GrainId grain, long seq);

    [LoggerMessage(8, LogLevel.Warning, "Key {KeyId} was proven by its hash, but its tag under this host's pepper was not recorded: {Outcome}. It will be, the next time it has to be proven.")]
    public static partial void ProofNotRenewed(this ILogger logger, string keyId, Outcome outcome);

    [LoggerMessage(5, LogLevel.Debug, "Wrote {Count} heads to {File}.")]
    public static partial void HeadsWritten(this ILogger logger, long count, string file);

    [LoggerMessage(6, LogLevel.Warning, "The heads of the journal's chains were not exported: {Reason} Trying again next time.")]
    public static partial void HeadsNotWritten(this ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The directory of accounts could not be brought up to date: {Reason} Trying again.")]
    public static partial void DirectoryNotRead(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Warning, "When keys were last used was not written: {Reason} Trying again next time.")]
    public static partial void KeyUsesNotWritten(this ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Warning, "The sums of usage could not be brought up to date: {Reason} Trying again.")]
    public static partial void UsageNotAdded(this ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Information, "Operator's key {Actor}: {What} {Target} {Silo}: {Outcome}. Reason: {Reason}")]
    public static partial void ClusterChange(this ILogger logger, string actor, string what, string target, string? silo, ClusterOutcome outcome, string? reason);
}
