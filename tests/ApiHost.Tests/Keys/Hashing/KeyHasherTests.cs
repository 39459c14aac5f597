using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;

namespace OrleansBilling.ApiHost.Tests.Keys.Hashing;

/// <summary>So many hashes at a time, so many waiting, and no more.</summary>
public sealed class KeyHasherTests
{
    private static readonly SecretHash Cheap = SecretHash.Parse("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")!;

    [Fact]
    public async Task Beyond_what_may_wait_it_is_busy_until_one_is_done()
    {
        HeldScheduler held = new();
        using KeyHasher hasher = new(2, 1, held);
        Task<string?>[] made = [.. Enumerable.Range(0, 3).Select(_ => hasher.MakeAsync("sk_", "id", "secret"))];

        Assert.Null(await hasher.MakeAsync("sk_", "id", "secret"));
        Assert.Null(await hasher.CheckAsync(NewKey(), Cheap));
        Assert.Equal(2, held.Held);

        held.LetGo();
        Assert.All(await Task.WhenAll(made), Assert.NotNull);
        Assert.NotNull(await hasher.MakeAsync("sk_", "id", "secret"));
    }

    [Fact]
    public async Task One_key_is_checked_once_however_often_it_is_presented()
    {
        HeldScheduler held = new();
        using KeyHasher hasher = new(4, 100, held);
        ApiKeyParts key = NewKey();
        Task<bool?> first = hasher.CheckAsync(in key, Cheap);

        Assert.All(Enumerable.Range(0, 200), _ => Assert.Same(first, hasher.CheckAsync(in key, Cheap)));

        held.LetGo();
        Assert.False(await first);
        Assert.Equal(1, held.Done);
    }

    [Fact]
    public async Task Who_tries_secrets_of_one_key_keeps_no_other_key_waiting()
    {
        HeldScheduler held = new();
        using KeyHasher hasher = new(1, 100, held);
        string keyId = ApiKey.NewKeyId("acme");
        Task<bool?>[] tries = [.. Enumerable.Range(0, 50).Select(_ => hasher.CheckAsync(NewKey(keyId), Cheap))];
        Task<bool?> other = hasher.CheckAsync(NewKey(), Cheap);

        Assert.Equal(50 - KeyHasher.MaxPerKey, tries.Count(t => t.IsCompleted && t.Result is null));
        Assert.False(other.IsCompleted);

        held.LetGo();
        Assert.False(await other);
        await Task.WhenAll(tries);
        Assert.False(await hasher.CheckAsync(NewKey(keyId), Cheap));
    }

    private static ApiKeyParts NewKey(string? keyId = null)
    {
        Assert.True(ApiKey.TryParse(ApiKey.Join("sk_", keyId ?? ApiKey.NewKeyId("acme"), ApiKey.NewSecret()), out ApiKeyParts parts));
        return parts;
    }

    /// <summary>Keeps work until it is let go.</summary>
    private sealed class HeldScheduler : TaskScheduler
    {
        private readonly Lock gate = new();
        private readonly List<Task> held = [];
        private bool open;
        private int done;

        public int Done => Volatile.Read(ref this.done);

        public int Held
        {
            get
            {
                lock (this.gate)
                {
                    return this.held.Count;
                }
            }
        }

        public void LetGo()
        {
            Task[] all;
            lock (this.gate)
            {
                this.open = true;
                all = [.. this.held];
                this.held.Clear();
            }

            Array.ForEach(all, this.Run);
        }

        protected override void QueueTask(Task task)
        {
            lock (this.gate)
            {
                if (!this.open)
                {
                    this.held.Add(task);
                    return;
                }
            }

            this.Run(task);
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task>? GetScheduledTasks() => null;

        private void Run(Task task) => ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                Interlocked.Increment(ref this.done);
                this.TryExecuteTask(task);
            },
            null);
    }
}
