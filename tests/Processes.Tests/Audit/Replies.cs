using System.Text.Json.Nodes;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>How replies are read: which row each names, and which of its numbers stand in which member.</summary>
public static class Replies
{
    /// <summary>The row that an answer names; 0 where it names none.</summary>
    private static long NamedBy(Operation operation, Attempt done) => operation.Act switch
    {
        Act.Credit or Act.RevokeKey or Act.Read => done.Number("entry"),
        Act.Charge or Act.Verify or Act.Capture => done.Number("charge"),
        Act.Hold => done.Number("hold"),
        Act.Reverse => done.Number("reversal"),
        Act.Release or Act.CreateKey or Act.Mismatch => 0,
    };

    /// <summary>What an answer says otherwise than its row; null when all agrees.</summary>
    public static string? Differs(Operation operation, Attempt done, Row row)
    {
        if (!TypesOf(operation.Act).Contains(row.Type, StringComparer.Ordinal))
        {
            return $"its row is of type {row.Type}";
        }

        if (NamedBy(operation, done) is > 0 and long seq && seq != row.Seq)
        {
            return $"it names row {seq}, and is row {row.Seq}";
        }

        foreach (string column in row.Columns)
        {
            string member = column switch { Row.Balance => "balance", Row.Held => "held", _ => "totalSpent" };
            if (operation.Act != Act.Verify || member != "held")
            {
                long said = done.Nanos(member);
                if (said != row.Get(column))
                {
                    return $"it says {member} {said}, its row {row.Get(column)}";
                }
            }
        }

        long amount = row.Get("amountNanos");
        string amountMember = operation.Act switch
        {
            Act.Charge or Act.Verify or Act.Capture => "charged",
            Act.Release => "released",
            _ => "amount",
        };
        if (operation.Act is not (Act.CreateKey or Act.RevokeKey) && done.Nanos(amountMember) != amount)
        {
            return $"it says {amountMember} {done.Nanos(amountMember)}, its row {amount}";
        }

        bool asked = operation.Act is Act.Credit or Act.Charge or Act.Verify or Act.Hold or Act.Capture or Act.Reverse;
        return asked && amount != operation.AmountNanos ? $"{operation.AmountNanos} was asked for, its row has {amount}" : null;
    }

    /// <summary>An answer without what tells a repeat from the first one.</summary>
    public static string WithoutReplayed(Attempt answer)
    {
        JsonObject body = JsonNode.Parse(answer.Body)!.AsObject();
        body.Remove("replayed");

        // A secret is shown once.
        body.Remove("key");
        return body.ToJsonString();
    }

    private static string[] TypesOf(Act act) => act switch
    {
        Act.Credit => ["credit_posted"],
        Act.Charge or Act.Verify => ["charged"],
        Act.Hold => ["hold_placed"],
        Act.Capture => ["hold_captured", "charged"],
        Act.Release => ["hold_released"],
        Act.Reverse => ["charge_reversed"],
        Act.CreateKey => ["key_created"],
        Act.RevokeKey => ["key_revoked"],
        Act.Read or Act.Mismatch => [],
    };
}
