using System.Globalization;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The body of many verifications.</summary>
/// <param name="RequestId">The caller's idempotency id of the whole, unchecked.</param>
/// <param name="Items">The verifications, each with an id of its own or none; those are checked.</param>
internal sealed record BatchBody(string? RequestId, SpendBody[] Items)
{
    // What an item's id has after the id of the whole: a point and its place.
    private const int PlaceChars = 5;

    private static readonly FieldSet Fields = new(RequestIds.Member, "items");

    /// <summary>Reads all of them: one mistake anywhere, and nothing is decided.</summary>
    /// <param name="body">The reader.</param>
    public static BatchBody Verify(ref BodyReader body)
    {
        string? requestId = null;
        SpendBody[]? items = null;
        int index;
        while ((index = body.Next(Fields)) >= 0)
        {
            if (index == 0)
            {
                requestId = RequestIds.Read(ref body);
            }
            else
            {
                items = ReadItems(ref body);
            }
        }

        body.Require(items, "items");
        if (items is { Length: 0 })
        {
            body.FailAt(FieldError.Invalid, "items", "'items' must hold at least one.");
        }

        return new BatchBody(requestId, items ?? []);
    }

    /// <summary>The id of an item: its own, or one made of the whole's and its place.</summary>
    /// <param name="requestId">The id of the whole, or null.</param>
    /// <param name="index">The item's place, from 0.</param>
    public string? ItemId(string? requestId, int index) =>
        this.Items[index].RequestId ?? (requestId is null ? null : string.Create(CultureInfo.InvariantCulture, $"{requestId}.{index}"));

    /// <summary>What is wrong with the id of the whole, or null: ids of items are made of it, and are to be nobody else's.</summary>
    /// <param name="requestId">The id, or null.</param>
    public Problem? Wrong(string? requestId)
    {
        if (requestId?.Length > Command.MaxRequestIdBytes - PlaceChars)
        {
            string field = this.RequestId is null ? RequestIds.Header : RequestIds.Member;
            return Problem.Invalid(field, $"'{field}' of a batch must have at most {Command.MaxRequestIdBytes - PlaceChars} characters: the ids of its items are made of it.");
        }

        HashSet<string?> own = [.. this.Items.Select(static i => i.RequestId)];
        for (int i = 0; requestId is not null && i < this.Items.Length; i++)
        {
            if (this.Items[i].RequestId is null && own.Contains(this.ItemId(requestId, i)))
            {
                return Problem.Invalid(
                    string.Create(CultureInfo.InvariantCulture, $"items[{i}].{RequestIds.Member}"),
                    $"'{this.ItemId(requestId, i)}' is made for this item of the batch's id, and another item has it already; give that one, or the batch, another id.");
            }
        }

        return null;
    }

    private static SpendBody[]? ReadItems(ref BodyReader body)
    {
        if (!body.EnterList(out (ulong Seen, string Parent) outer))
        {
            return null;
        }

        List<SpendBody> items = [];
        while (body.NextObject(items.Count))
        {
            if (items.Count == Bounds.BatchItems)
            {
                body.Fail($"is one too many: a batch has at most {Bounds.BatchItems} items");
                return null;
            }

            SpendBody item = SpendBody.Verify(ref body);
            if (item.RequestId is { } id && !Bounds.IsRequestId(id))
            {
                string field = string.Create(CultureInfo.InvariantCulture, $"items[{items.Count}].{RequestIds.Member}");
                body.FailAt(FieldError.Invalid, field, $"'{field}' {RequestIds.Rule}.");
            }

            items.Add(item);
        }

        body.Leave(outer);
        return [.. items];
    }
}
