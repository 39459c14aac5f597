namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>
/// Watches over a gateway: a silo that stands still keeps its connections open, so that only an answer shows that it lives.
/// </summary>
/// <param name="gateway">The gateway.</param>
/// <param name="beat">Asks its silo for its number.</param>
internal sealed class GatewayWatch(Gateway gateway, Func<Task<int>> beat)
{
    /// <summary>Between looks. One beat is under way at a time.</summary>
    public static readonly TimeSpan LookTime = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A beat that is unanswered at the third look shows silence, after 0.3 s: longer than most collections, and a mistake costs a
    /// repeat. Looks are counted and not time, so that this process's own standstill is not taken for the silo's.
    /// </summary>
    public const int MissedLooks = 3;

    private Task<int>? waited;
    private int missed;

    /// <summary>Looks whether the last beat was answered, and sends the next one.</summary>
    public async Task LookAsync()
    {
        if (this.waited is { IsCompleted: false })
        {
            if (++this.missed == MissedLooks)
            {
                await gateway.FallSilentAsync();
            }

            return;
        }

        try
        {
            if (this.waited is not null)
            {
                gateway.Speak(await this.waited);
            }
        }
        catch (Exception)
        {
            // Whatever it is: a watch that ends would see no later silence.
            await gateway.FallSilentAsync();
        }

        this.missed = 0;
        this.waited = this.BeatAsync();
    }

    private async Task<int> BeatAsync() => await beat();
}
