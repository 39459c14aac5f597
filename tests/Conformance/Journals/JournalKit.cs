using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Conformance.Journals;

/// <summary>One fresh store, and as many hosts on it as a case wants.</summary>
public abstract class JournalKit : IAsyncDisposable
{
    private readonly List<IJournal> hosts = [];
    private int grains;

    /// <summary>How long a case waits for what must come by itself, before it fails.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(20);

    /// <summary>A host on this kit's store.</summary>
    /// <param name="shared">Whether it is configured for company.</param>
    public async Task<IJournal> OpenHostAsync(bool shared = false)
    {
        IJournal host = await this.ConnectAsync(shared);
        this.hosts.Add(host);
        return host;
    }

    /// <summary>A host alone on the store, and its writer of lane 0.</summary>
    public async Task<(IJournal Journal, IJournalWriter Writer)> OpenAloneAsync()
    {
        IJournal host = await this.OpenHostAsync();
        return (host, await host.OpenWriterAsync(0, null, CancellationToken.None));
    }

    /// <summary>A host in company, and its writer of lane 0.</summary>
    public async Task<(IJournal Journal, IJournalWriter Writer)> OpenInCompanyAsync()
    {
        IJournal host = await this.OpenHostAsync(shared: true);
        return (host, await host.OpenWriterAsync(0, null, CancellationToken.None));
    }

    /// <summary>Ends a writer's session from outside, as an operator would.</summary>
    /// <param name="session">The session.</param>
    public abstract Task CutAsync(WriterIdentity session);

    /// <summary>A grain to which nothing has happened. Later ones sort after earlier ones.</summary>
    public GrainId NewGrain() => GrainId.Account($"acc-{++this.grains:D4}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IJournal host in this.hosts)
        {
            await host.DisposeAsync();
        }

        await this.CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Connects one more host.</summary>
    protected abstract Task<IJournal> ConnectAsync(bool shared);

    /// <summary>Throws the store away.</summary>
    protected virtual Task CloseAsync() => Task.CompletedTask;
}

/// <summary>A store in memory.</summary>
/// <param name="wrap">Stands between the cases and each host's journal; null for none.</param>
/// <param name="time">The store's clock; null for the system's.</param>
public sealed class MemoryKit(Func<MemoryJournal, IJournal>? wrap = null, TimeProvider? time = null) : JournalKit
{
    private readonly MemoryStore store = new(time ?? TimeProvider.System, lanes: 2);

    // A memory journal tells others at once or never.
    public override TimeSpan Patience => TimeSpan.FromSeconds(1);

    public override Task CutAsync(WriterIdentity session)
    {
        this.store.EndSession(session);
        return Task.CompletedTask;
    }

    protected override Task<IJournal> ConnectAsync(bool shared)
    {
        MemoryJournal journal = new(this.store, shared);
        return Task.FromResult(wrap is null ? journal : wrap(journal));
    }
}
