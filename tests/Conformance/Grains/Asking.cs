using System.Buffers;
using System.Text;
using OrleansBilling.Account;
using OrleansBilling.Hosting;
using OrleansBilling.Json;
using Xunit;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Asking in one line, and what to expect.</summary>
internal static class Asking
{
    public const long Unit = Money.NanosPerUnit;

    public static Charge Charge(long amountNanos, string? requestId = null) => new() { AmountNanos = amountNanos, RequestId = requestId };

    public static PostCredit Topup(long amountNanos, string? requestId = null) =>
        new() { Kind = CreditKind.Topup, AmountNanos = amountNanos, RequestId = requestId };

    /// <summary>Asks on a thread of its own, so that turns meet.</summary>
    public static Task<Reply> AskApart(this IGrains grains, GrainId grain, Command command) =>
        Task.Run(async () => await grains.AskAsync(grain, command));

    public static async Task<Accepted> AcceptAsync(this IGrains grains, GrainId grain, Command command) =>
        Assert.IsType<Accepted>(await grains.AskAsync(grain, command));

    public static async Task<Denied> DenyAsync(this IGrains grains, GrainId grain, Command command, Outcome outcome)
    {
        Denied denied = Assert.IsType<Denied>(await grains.AskAsync(grain, command));
        Assert.Equal(outcome, denied.Outcome);
        return denied;
    }

    public static async Task<AccountView> ViewAsync(this IGrains grains, GrainId account) =>
        Assert.IsType<AccountView>(await grains.AskAsync(account, new GetAccount()));

    /// <summary>Repeats a command under its id until it is decided, as a good client does.</summary>
    public static async Task<Reply> DecideAsync(this IGrains grains, GrainId grain, Command command)
    {
        TimeSpan patience = grains is GrainsHost host ? host.Patience : TimeSpan.FromMinutes(2);
        long began = TimeProvider.System.GetTimestamp();
        Reply reply = await grains.AskAsync(grain, command);
        while (reply.Outcome is Outcome.Unavailable or Outcome.InDoubt or Outcome.Overloaded && TimeProvider.System.GetElapsedTime(began) < patience)
        {
            await Task.Yield();
            reply = await grains.AskAsync(grain, command);
        }

        return reply;
    }

    /// <summary>Asserts that a repeat was answered with the first reply.</summary>
    public static void AssertRepeats(Accepted first, Reply again)
    {
        Accepted repeated = Assert.IsType<Accepted>(again);
        Assert.False(first.Replayed);
        Assert.True(repeated.Replayed, "The repeat was decided as something new.");
        Assert.Equal((first.Seq, first.AtNanos, Text(first.Event)), (repeated.Seq, repeated.AtNanos, Text(repeated.Event)));
    }

    private static string Text(Event e)
    {
        ArrayBufferWriter<byte> json = new();
        EventJson.Write(e, json);
        return EventJson.TypeName(e) + Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
