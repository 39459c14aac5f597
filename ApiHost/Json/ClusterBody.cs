using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The bodies of changes to where grains live.</summary>
internal static class ClusterBody
{
    private static readonly FieldSet MoveFields = new(RequestIds.Member, "silo", "reason");

    /// <summary>Reads where a grain is to go, and why.</summary>
    /// <param name="body">The reader.</param>
    public static (string? RequestId, string? Silo, string? Reason) Move(ref BodyReader body)
    {
        (string? RequestId, string? Silo, string? Reason) move = default;
        int index;
        while ((index = body.Next(MoveFields)) >= 0)
        {
            switch (index)
            {
                case 0: move.RequestId = RequestIds.Read(ref body); break;
                case 1: move.Silo = body.Text(Bounds.Name); break;
                default: move.Reason = body.Text(Bounds.Sentence); break;
            }
        }

        body.Require(move.Silo, "silo");
        return move;
    }

    /// <summary>Reads why something is done.</summary>
    /// <param name="body">The reader.</param>
    public static (string? RequestId, string? Silo, string? Reason) Reason(ref BodyReader body)
    {
        (string? requestId, string? reason) = AmountBody.Reason(ref body);
        return (requestId, null, reason);
    }
}
