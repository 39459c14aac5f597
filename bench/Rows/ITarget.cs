namespace OrleansBilling.Bench.Rows;

/// <summary>Something that charges accounts, whatever hosts them.</summary>
internal interface ITarget
{
    /// <summary>Makes its accounts and starts it, if that has not been done.</summary>
    Task StartAsync();

    /// <summary>Charges one account under a new request id.</summary>
    /// <param name="account">The account.</param>
    /// <exception cref="BenchException">It was not charged.</exception>
    ValueTask ChargeAsync(GrainId account);
}
