using OrleansBilling.Account;
using OrleansBilling.Grains.Snapshots;

namespace OrleansBilling.Grains.Account;

/// <content>Keys, both ways.</content>
internal static partial class AccountSnapshot
{
    private static void Write(SnapshotWriter w, KeyState key)
    {
        w.Text(key.Id);
        w.Text(key.Prefix);
        w.Text(key.Name);
        w.Text(key.Workspace);
        Write(w, key.Scopes);
        w.Number(key.Expires);
        w.Byte((byte)key.Type);
        w.Flag(key.Revoked);
        w.Text(key.Successor?.Id);
        Write(w, in key.Budget);
        w.Number(key.LastUsed);
        w.Number(key.Requests);
        w.Flag(key.Extras is not null);
        if (key.Extras is not { } extras)
        {
            return;
        }

        Write(w, extras.Addresses);
        w.Number(extras.Metadata?.Length ?? 0);
        foreach (MetadataItem item in extras.Metadata ?? [])
        {
            w.Text(item.Name);
            w.Text(item.Value);
        }

        w.Number(extras.Rates?.PerMinute ?? 0);
        w.Number(extras.Rates?.PerDay ?? 0);
        extras.Minute?.Write(w);
        w.Number(extras.Day);
    }

    private static void Write(SnapshotWriter w, string[]? texts)
    {
        w.Number(texts?.Length ?? 0);
        foreach (string text in texts ?? [])
        {
            w.Text(text);
        }
    }

    // A key may name one that comes later.
    private static void ReadKeys(AccountState s, ref SnapshotReader r)
    {
        List<(KeyState Key, string Successor)>? rotated = null;
        for (int i = r.Count(); i > 0; i--)
        {
            KeyState key = ReadKey(ref r, out string? successor);
            KeyPolicies.Add(s, key);
            if (successor is not null)
            {
                (rotated ??= []).Add((key, successor));
            }
        }

        foreach ((KeyState key, string successor) in rotated ?? [])
        {
            key.Successor = KeyPolicies.Find(s, successor);
        }
    }

    private static KeyState ReadKey(ref SnapshotReader r, out string? successor)
    {
        KeyState key = new()
        {
            Id = r.Text(),
            Prefix = SharedNames.Of(r.Text()),
            Name = r.OptionalText(),
            Workspace = Shared(r.OptionalText()),
            Scopes = KeyPolicies.Shared(ReadTexts(ref r)),
            Expires = r.Number(),
            Type = (KeyType)r.Byte(),
            Revoked = r.Flag(),
        };
        successor = r.OptionalText();
        key.Budget = ReadBudget(ref r);
        key.LastUsed = r.Number();
        key.Requests = r.Number();
        key.Extras = r.Flag() ? ReadExtras(ref r) : null;
        return key;
    }

    private static KeyExtras ReadExtras(ref SnapshotReader r)
    {
        KeyExtras extras = new() { Addresses = ReadTexts(ref r) };
        extras.Ranges = extras.Addresses is null ? null : KeyPolicies.Ranges(extras.Addresses);
        int items = r.Count();
        extras.Metadata = items == 0 ? null : new MetadataItem[items];
        for (int i = 0; i < items; i++)
        {
            extras.Metadata![i] = new MetadataItem(r.Text(), r.Text());
        }

        long perMinute = r.Number();
        long perDay = r.Number();
        extras.Rates = perMinute == 0 && perDay == 0
            ? null
            : new Rates { PerMinute = perMinute == 0 ? null : perMinute, PerDay = perDay == 0 ? null : perDay };
        extras.Minute = perMinute == 0 ? null : SlidingMinute.Read(ref r);
        extras.Day = r.Number();
        return extras;
    }

    private static string[]? ReadTexts(ref SnapshotReader r)
    {
        int count = r.Count();
        string[]? texts = count == 0 ? null : new string[count];
        for (int i = 0; i < count; i++)
        {
            texts![i] = r.Text();
        }

        return texts;
    }
}
