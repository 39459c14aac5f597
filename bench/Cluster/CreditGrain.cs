namespace OrleansBilling.Bench.Cluster;

/// <summary>An account as it is usually written in Orleans: what it has is a grain's state, and every deduct writes it.</summary>
public interface ICreditGrain : IGrainWithStringKey
{
    /// <summary>Gives it credit.</summary>
    /// <param name="amountNanos">How much.</param>
    Task OpenAsync(long amountNanos);

    /// <summary>Takes credit, if there is enough.</summary>
    /// <param name="amountNanos">How much.</param>
    /// <returns>What is left; null where it was not enough.</returns>
    Task<long?> DeductAsync(long amountNanos);
}

/// <summary>What is kept of an account.</summary>
[GenerateSerializer]
public sealed class Credit
{
    /// <summary>What is there, in nanos.</summary>
    [Id(0)]
    public long BalanceNanos { get; set; }

    /// <summary>What was taken, in nanos.</summary>
    [Id(1)]
    public long SpentNanos { get; set; }
}

/// <summary>
/// Less than the product does, so that nobody can say that it was made slow: no ledger, no request id, no limits; the state is
/// two numbers.
/// </summary>
/// <param name="credit">Orleans keeps it.</param>
public sealed class CreditGrain([PersistentState("credit")] IPersistentState<Credit> credit) : Grain, ICreditGrain
{
    /// <inheritdoc/>
    public Task OpenAsync(long amountNanos)
    {
        credit.State.BalanceNanos += amountNanos;
        return credit.WriteStateAsync();
    }

    /// <inheritdoc/>
    public async Task<long?> DeductAsync(long amountNanos)
    {
        if (credit.State.BalanceNanos < amountNanos)
        {
            return null;
        }

        credit.State.BalanceNanos -= amountNanos;
        credit.State.SpentNanos += amountNanos;
        await credit.WriteStateAsync();
        return credit.State.BalanceNanos;
    }
}
