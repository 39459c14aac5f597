using System.Text.Json;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>One row of the journal, read by SQL.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="Seq">Its number.</param>
/// <param name="Type">The event's type.</param>
/// <param name="RequestId">The id it answers.</param>
/// <param name="Data">The event.</param>
public sealed record Row(string Grain, long Seq, string Type, string? RequestId, JsonElement Data)
{
    public const string Balance = "balanceNanos";
    public const string Held = "heldNanos";
    public const string TotalSpent = "totalSpentNanos";

    /// <summary>The members that say where the account stands after this row.</summary>
    public IEnumerable<string> Columns => this.Type switch
    {
        "charged" or "charge_reversed" or "hold_captured" => [Balance, Held, TotalSpent],
        "hold_placed" or "hold_released" or "hold_expired" => [Balance, Held],
        "credit_posted" or "grant_expired" => [Balance],
        _ => [],
    };

    /// <summary>A member, in nanos or a number; 0 where it is left out.</summary>
    public long Get(string name) => this.Data.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;

    /// <summary>A member that is text.</summary>
    public string? Text(string name) => this.Data.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
