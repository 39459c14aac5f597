namespace OrleansBilling.Hosting.Orleans.Wire;

/// <summary>
/// Commands to one grain that go to its silo in one message, in their order. All of them may be asked again when the answer is lost,
/// or none: one that may not is sent only when those before it are answered, so that none of these is decided anew on top of it.
/// </summary>
/// <param name="First">The place of its first command among those that were asked.</param>
/// <param name="Messages">Its commands, each in its message form.</param>
/// <param name="IsRepeatable">Whether they may be asked again.</param>
internal sealed record CommandBatch(int First, byte[][] Messages, bool IsRepeatable)
{
    /// <summary>The most commands in one message: a few milliseconds of a silo's thread. A further message costs a further commit.</summary>
    public const int MaxCommands = 256;

    /// <summary>The most bytes that its commands have, unless there is only one. Their replies have a few times as many; Orleans takes 100 MiB.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>How many commands one that looks stands for: its reply may be as large as an account, a few MiB.</summary>
    public const int ReadWeight = 16;

    /// <summary>Whether a command moves no money twice when it is asked twice.</summary>
    /// <param name="command">The command.</param>
    public static bool MayRepeat(Command command) => command.IsRead || command.RequestId is not null;

    /// <summary>Divides commands among messages; each is written when the one before it is taken.</summary>
    /// <param name="commands">The commands.</param>
    public static IEnumerable<CommandBatch> Divide(IReadOnlyList<Command> commands)
    {
        List<byte[]> messages = [];
        int weight = 0;
        int bytes = 0;
        for (int i = 0; i < commands.Count; i++)
        {
            Command command = commands[i];
            byte[] message = CommandMessage.Write(command);
            int more = command.IsRead ? ReadWeight : 1;
            if (i > 0 && (MayRepeat(command) != MayRepeat(commands[i - 1]) || weight + more > MaxCommands || bytes + message.Length > MaxBytes))
            {
                yield return new CommandBatch(i - messages.Count, [.. messages], MayRepeat(commands[i - 1]));
                messages.Clear();
                (weight, bytes) = (0, 0);
            }

            messages.Add(message);
            weight += more;
            bytes += message.Length;
        }

        if (messages.Count > 0)
        {
            yield return new CommandBatch(commands.Count - messages.Count, [.. messages], MayRepeat(commands[^1]));
        }
    }
}
