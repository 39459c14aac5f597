using OrleansBilling.Account;

namespace OrleansBilling.Json;

/// <content>An account's keys: as many rows as an account that makes, changes and rotates them likes.</content>
internal static partial class StoredEvents
{
    // Of a key that is charged; another says its type, which is the serializer's to read.
    private static KeyCreated KeyCreated(ref StoredReader r)
    {
        r.Begin();
        KeyCreated e = new()
        {
            Key = r.RequiredText("\"key\":"u8),
            Prefix = r.RequiredText("\"prefix\":"u8),
            Name = r.Text("\"name\":"u8),
            Scopes = r.Texts("\"scopes\":"u8),
            ExpiresAtNanos = r.NullableInt64("\"expiresAtNanos\":"u8),
            Workspace = r.Text("\"workspace\":"u8),
            Caps = Caps(ref r),
            Tag = r.RequiredText("\"tag\":"u8),
            Pepper = r.RequiredText("\"pepper\":"u8),
            Hash = r.Text("\"hash\":"u8),
            Rates = Rates(ref r),
            Addresses = r.Texts("\"addresses\":"u8),
            Metadata = Metadata(ref r),
            Replaces = r.Text("\"replaces\":"u8),
            ReplacedEndsAtNanos = r.NullableInt64("\"replacedEndsAtNanos\":"u8),
            Reason = r.Text("\"reason\":"u8),
        };
        r.End();
        return e;
    }

    private static KeyUpdated KeyUpdated(ref StoredReader r)
    {
        r.Begin();
        KeyUpdated e = new()
        {
            Key = r.RequiredText("\"key\":"u8),
            Name = r.Text("\"name\":"u8),
            Scopes = r.Texts("\"scopes\":"u8),
            ExpiresAtNanos = r.NullableInt64("\"expiresAtNanos\":"u8),
            Workspace = r.Text("\"workspace\":"u8),
            Caps = Caps(ref r),
            Rates = Rates(ref r),
            Addresses = r.Texts("\"addresses\":"u8),
            Metadata = Metadata(ref r),
            Reason = r.Text("\"reason\":"u8),
        };
        r.End();
        return e;
    }

    private static KeyRevoked KeyRevoked(ref StoredReader r)
    {
        r.Begin();
        KeyRevoked e = new(r.Text("\"key\":"u8)!, r.Text("\"reason\":"u8));
        r.End();
        return e;
    }

    private static Rates? Rates(ref StoredReader r)
    {
        if (!r.Has("\"rates\":"u8))
        {
            return null;
        }

        r.Begin();
        Rates rates = new() { PerMinute = r.NullableInt64("\"perMinute\":"u8), PerDay = r.NullableInt64("\"perDay\":"u8) };
        r.End();
        return rates;
    }

    private static MetadataItem[]? Metadata(ref StoredReader r)
    {
        if (!r.Has("\"metadata\":"u8))
        {
            return null;
        }

        MetadataItem[] items = new MetadataItem[r.BeginList()];
        for (int i = 0; i < items.Length; i++)
        {
            r.Element(i);
            r.Begin();
            items[i] = new MetadataItem(r.Text("\"name\":"u8)!, r.Text("\"value\":"u8)!);
            r.End();
        }

        r.EndList();
        return items;
    }
}
