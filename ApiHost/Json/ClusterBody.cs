using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The bodies of changes to where grains live.</summary>
internal static class ClusterBody
{
    private static readonly FieldSet ReasonFields = new("reason");
    private static readonly FieldSet MoveFields = new("silo", "reason");

    /// <summary>Reads why something is done.</summary>
    /// <param name="body">The reader.</param>
    public static string? Reason(ref BodyReader body)
    {
        string? reason = null;
        while (body.Next(ReasonFields) >= 0)
        {
            reason = body.Text(Bounds.Sentence);
        }

        return reason;
    }

    /// <summary>Reads where a grain is to go, and why.</summary>
    /// <param name="body">The reader.</param>
    public static (string Silo, string? Reason) Move(ref BodyReader body)
    {
        (string? Silo, string? Reason) move = default;
        int index;
        while ((index = body.Next(MoveFields)) >= 0)
        {
            if (index == 0)
            {
                move.Silo = body.Text(Bounds.Name);
            }
            else
            {
                move.Reason = body.Text(Bounds.Sentence);
            }
        }

        body.Require(move.Silo, "silo");
        return (move.Silo ?? "", move.Reason);
    }
}
