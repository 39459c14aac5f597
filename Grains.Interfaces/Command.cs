using System.Text.Json.Serialization;

namespace OrleansBilling;

/// <summary>
/// Asks one grain to decide something. The properties, without the request id, the actor and what the server filled in,
/// are the body whose hash makes a repeat recognisable (<see cref="Json.CommandBody"/>).
/// </summary>
public abstract record Command
{
    /// <summary>Bytes of UTF-8 a request id may have.</summary>
    public const int MaxRequestIdBytes = 128;

    /// <summary>The first character of ids that the system makes for itself; callers' ids may not start with it.</summary>
    public const char SystemRequestIdStart = '~';

    private protected Command()
    {
    }

    /// <summary>The caller's idempotency id, or null. Remembered for ever once a command under it is accepted.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }

    /// <summary>Who asked: a key's id or the system. Recorded beside what changed.</summary>
    [JsonIgnore]
    public string Actor { get; init; } = "";

    /// <summary>True for commands that only look: they carry no request id and append nothing of their own.</summary>
    [JsonIgnore]
    public virtual bool IsRead => false;

    /// <summary>The sequence number of an earlier row that the decision needs, or 0.</summary>
    [JsonIgnore]
    public virtual long RefersTo => 0;
}
