namespace OrleansBilling.ApiHost;

/// <summary>Every log message of this project. None takes a key, a secret or a body.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Key {KeyId} was made with the pepper {Theirs}, this host has {Ours}: it cannot be proven here.")]
    public static partial void KeyUnderOtherPepper(this ILogger logger, string keyId, string theirs, string ours);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Route} failed.")]
    public static partial void RequestFailed(this ILogger logger, string method, string? route, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The proof of key {KeyId} of account {Account} is not recorded yet ({Outcome}); trying again.")]
    public static partial void ProofNotRecorded(this ILogger logger, string keyId, string account, Outcome outcome);

    [LoggerMessage(4, LogLevel.Warning, "The keys that the journal may have left without a proof could not be read: {Reason} Trying again.")]
    public static partial void OutboxNotRead(this ILogger logger, string reason);
}
