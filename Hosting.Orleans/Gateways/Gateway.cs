namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>One way into a cluster: what is asked by it enters at one silo, and is lost while that one stands still.</summary>
/// <param name="factory">Makes references to grains whose calls go this way.</param>
#pragma warning disable CA1001 // The source has no timer and no wait handle: there is nothing in it to be disposed of, and whoever waits may still look at it.
public sealed class Gateway(IGrainFactory factory)
#pragma warning restore CA1001
{
    private volatile CancellationTokenSource silence = new();

    /// <summary>Makes references to grains whose calls go this way.</summary>
    public IGrainFactory Factory => factory;

    /// <summary>The number of the silo that it enters at, as answers tell it; 0 while that is not known.</summary>
    public int Silo { get; private set; }

    /// <summary>Whether its silo has stopped answering.</summary>
    public bool IsSilent => this.silence.IsCancellationRequested;

    /// <summary>Is cancelled when the silo stops answering: whoever waits for it may ask another way.</summary>
    public CancellationToken Silence => this.silence.Token;

    /// <summary>The silo answered.</summary>
    /// <param name="silo">Its number.</param>
    internal void Speak(int silo)
    {
        this.Silo = silo;
        if (this.IsSilent)
        {
            this.silence = new CancellationTokenSource();
        }
    }

    /// <summary>The silo has not answered for too long. Who waits goes on elsewhere, on threads of the pool.</summary>
    internal Task FallSilentAsync() => this.silence.CancelAsync();
}
