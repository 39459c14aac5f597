using System.Buffers;
using System.Text;
using OrleansBilling.Account;
using OrleansBilling.Grains.Account;
using OrleansBilling.Grains.Keys;
using OrleansBilling.Json;
using OrleansBilling.Keys;

namespace OrleansBilling.Grains.Tests;

/// <summary>
/// Stored forms never change. The golden files hold them as they were first released: a difference is a mistake in the code,
/// never a reason to write the file anew. New kinds and new optional properties add lines.
/// </summary>
public class StoredFormTests
{
    [Fact]
    public void Every_event_is_stored_as_it_ever_was()
    {
        List<string> lines = [];
        foreach (Event e in Events.OfEveryKind)
        {
            lines.Add($"{EventJson.TypeName(e)} {Stored(e)}");
        }

        Golden.Holds("events.txt", lines);
    }

    [Fact]
    public void Every_event_of_the_golden_file_is_read_and_written_back_the_same()
    {
        string[] lines = Golden.Lines("events.txt");
        foreach (string line in lines)
        {
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            Event read = EventJson.Read(line[..blank], Encoding.UTF8.GetBytes(line[(blank + 1)..]));
            Assert.Equal(line[(blank + 1)..], Stored(read));
        }

        Assert.Equal(EventJson.TypeNames.Order(StringComparer.Ordinal), lines.Select(l => l[..l.IndexOf(' ', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Every_command_has_the_hash_it_ever_had()
    {
        List<string> lines = [];
        foreach (Command command in Commands.OfEveryKind.Where(c => !c.IsRead))
        {
            ArrayBufferWriter<byte> body = new();
            CommandBody.Write(command, body);
            lines.Add($"{Convert.ToHexStringLower(CommandBody.Hash(command))} {Encoding.UTF8.GetString(body.WrittenSpan).Replace('\n', ' ')}");
        }

        Golden.Holds("commands.txt", lines);
    }

    [Fact]
    public void What_the_server_fills_in_is_not_part_of_the_body()
    {
        CreateKey command = new() { Name = "n", Key = "a", Tag = "b", Pepper = "c", RequestId = "d", Actor = "e" };
        Assert.Equal(CommandBody.Hash(new CreateKey { Name = "n" }), CommandBody.Hash(command));
        Assert.NotEqual(CommandBody.Hash(new CreateKey { Name = "m" }), CommandBody.Hash(command));

        Assert.Equal(CommandBody.Hash(new EndClusterChange(7)), CommandBody.Hash(new EndClusterChange(7) { Result = "Done" }));
        QuotaLimit[] configured = [new("m", 1)];
        OpenAccount opening = new() { Currency = "EUR", Zone = "UTC", Quotas = null };
        Assert.Equal(CommandBody.Hash(opening), CommandBody.Hash(opening with { TierQuotas = configured }));
        Assert.NotEqual(CommandBody.Hash(opening), CommandBody.Hash(opening with { Quotas = [] }));
        Assert.Equal(CommandBody.Hash(new SetTier("pro", null)), CommandBody.Hash(new SetTier("pro", null) { TierQuotas = configured }));
        Assert.NotEqual(CommandBody.Hash(new SetTier("pro", null)), CommandBody.Hash(new SetTier("pro", [])));
    }

    [Fact]
    public void There_is_an_example_of_every_event_and_every_command()
    {
        Assert.Equal(Concrete<Event>(), Events.OfEveryKind.Select(e => e.GetType().Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(Concrete<Command>(), Commands.OfEveryKind.Select(c => c.GetType().Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Every_event_is_applied()
    {
        HashSet<Type> changed = [];
        object account = AccountGrain.Instance.NewState();
        long seq = 0;
        foreach (AccountEvent e in Events.OfEveryKind.OfType<AccountEvent>())
        {
            byte[] before = AccountUnderTest.Snapshot(account);
            AccountGrain.Instance.Apply(account, e, ++seq, AccountUnderTest.Start + seq);
            if (!before.AsSpan().SequenceEqual(AccountUnderTest.Snapshot(account)))
            {
                changed.Add(e.GetType());
            }
        }

        // These are on record only.
        Assert.Equal([typeof(ClusterChangeAsked), typeof(ClusterChangeEnded), typeof(ProfileSet), typeof(ProfileErased)], Events.OfEveryKind.OfType<AccountEvent>().Select(e => e.GetType()).Except(changed));

        object key = KeyGrain.Instance.NewState();
        foreach (KeyEvent e in Events.OfEveryKind.OfType<KeyEvent>())
        {
            KeyGrain.Instance.Apply(key, e, 1, 1);
        }
    }

    [Fact]
    public void What_a_grain_does_not_know_is_an_error()
    {
        Assert.Throws<System.Diagnostics.UnreachableException>(() => AccountGrain.Instance.Apply(AccountGrain.Instance.NewState(), new KeyIssued("a", "t", "p"), 1, 1));
        Assert.Throws<System.Diagnostics.UnreachableException>(() => KeyGrain.Instance.Apply(KeyGrain.Instance.NewState(), new AccountClosed("x"), 1, 1));
        Assert.Throws<System.Diagnostics.UnreachableException>(() => AccountGrain.Instance.Decide(AccountGrain.Instance.NewState(), 0, new GetKeyProof(), default));
        Assert.Throws<System.Diagnostics.UnreachableException>(() => KeyGrain.Instance.Decide(KeyGrain.Instance.NewState(), 0, new GetAccount(), default));
    }

    private static string Stored(Event e)
    {
        ArrayBufferWriter<byte> bytes = new();
        EventJson.Write(e, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static IEnumerable<string> Concrete<T>() => typeof(T).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(T)) && !t.IsAbstract)
        .Select(t => t.Name)
        .Order(StringComparer.Ordinal);
}
