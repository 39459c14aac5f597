namespace OrleansBilling.ApiHost.Keys.Hashing;

/// <summary>
/// Makes and checks the hashes of keys: never more at a time than it may, so that the other cores serve, and with a bounded
/// queue before it. Nothing of it runs in a turn.
/// </summary>
/// <param name="concurrency">How many hashes are worked out at a time.</param>
/// <param name="queue">How many may wait.</param>
/// <param name="scheduler">Where they are worked out; the thread pool where none is given.</param>
internal sealed class KeyHasher(int concurrency, int queue, TaskScheduler? scheduler = null) : IDisposable
{
    /// <summary>How many different secrets of one key may be on their way at a time: who tries them out fills no queue of others.</summary>
    public const int MaxPerKey = 4;

    private readonly SemaphoreSlim slots = new(concurrency);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<bool?>> checks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> perKey = new(StringComparer.Ordinal);
    private int underWay;

    /// <summary>Hashes a new key; null when too many wait.</summary>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="keyId">Its public id.</param>
    /// <param name="secret">Its secret.</param>
    public async Task<string?> MakeAsync(string prefix, string keyId, string secret) =>
        this.TryEnter() ? await this.RunAsync(() => SecretHash.Make(prefix, keyId, secret).ToString()) : null;

    /// <summary>Checks a key against its hash; null when too many wait. The same key, presented many times at once, is checked once.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    public Task<bool?> CheckAsync(in ApiKeyParts key, SecretHash hash)
    {
        (string prefix, string keyId, string secret) = (key.Prefix.ToString(), key.KeyId.ToString(), key.Secret.ToString());
        string whole = prefix + keyId + secret;
        lock (this.gate)
        {
            if (this.checks.TryGetValue(whole, out Task<bool?>? same))
            {
                return same;
            }

            int others = this.perKey.GetValueOrDefault(keyId);
            if (others >= MaxPerKey || !this.TryEnter())
            {
                return Task.FromResult<bool?>(null);
            }

            this.perKey[keyId] = others + 1;
            return this.checks[whole] = this.CheckAsync(whole, prefix, keyId, secret, hash);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => this.slots.Dispose();

    private async Task<bool?> CheckAsync(string whole, string prefix, string keyId, string secret, SecretHash hash)
    {
        // Let go of the lock first.
        await Task.Yield();
        try
        {
            return await this.RunAsync(() => hash.Proves(prefix, keyId, secret));
        }
        finally
        {
            lock (this.gate)
            {
                this.checks.Remove(whole);
                if (--this.perKey[keyId] is 0)
                {
                    this.perKey.Remove(keyId);
                }
            }
        }
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref this.underWay) <= concurrency + queue)
        {
            return true;
        }

        Interlocked.Decrement(ref this.underWay);
        return false;
    }

    private async Task<T> RunAsync<T>(Func<T> work)
    {
        try
        {
            await this.slots.WaitAsync();
            try
            {
                return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler ?? TaskScheduler.Default);
            }
            finally
            {
                this.slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref this.underWay);
        }
    }
}
