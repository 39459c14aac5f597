using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>
/// When keys were last used for what no event tells of: to look, or to ask as a service. A use costs a look into memory; what is new
/// is written beside the journal every <see cref="Interval"/>, for other hosts and the next start. A host that is killed loses that much.
/// </summary>
/// <param name="stored">What is written; null, on a journal that is not in PostgreSQL, keeps all in memory.</param>
/// <param name="time">The clock.</param>
internal sealed class KeyUseLog(KeyUses? stored, TimeProvider time)
{
    /// <summary>How often uses are written.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // A host that stops does not wait longer for this.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    // By the key's public id: what is not written yet.
    private readonly ConcurrentDictionary<string, KeyUse> marks = new(StringComparer.Ordinal);

    /// <summary>A key was used, and let through.</summary>
    /// <param name="account">The account it belongs to.</param>
    /// <param name="keyId">Its public id.</param>
    public void Mark(string account, string keyId)
    {
        long sinceEpoch = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        long minute = (sinceEpoch - (sinceEpoch % Precision.Ticks)) * TimeSpan.NanosecondsPerTick;
        if (!this.marks.TryGetValue(keyId, out KeyUse? last) || last.AtNanos < minute)
        {
            this.marks[keyId] = new KeyUse(account, keyId, minute);
        }
    }

    /// <summary>Keys of an account with the later of what the account and what this knows of their use.</summary>
    /// <param name="account">The account.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="ct">The caller gave up.</param>
    /// <returns>The keys, or why they cannot be told.</returns>
    public async ValueTask<(KeyView[]? Keys, Denied? Refusal)> CompleteAsync(string account, KeyView[] keys, CancellationToken ct)
    {
        try
        {
            IReadOnlyDictionary<string, long> written = stored is null ? ReadOnlyDictionary<string, long>.Empty : await stored.ReadAsync(account, ct);
            return (Array.ConvertAll(keys, key => this.Complete(key, written.GetValueOrDefault(key.Key))), null);
        }
        catch (JournalUnavailableException)
        {
            return (null, new Denied(Outcome.Unavailable));
        }
    }

    /// <summary>Writes what is new.</summary>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked; it stays for the next time.</exception>
    public async Task WriteAsync(CancellationToken ct)
    {
        KeyValuePair<string, KeyUse>[] fresh = [.. this.marks];
        if (stored is null || fresh.Length == 0)
        {
            return;
        }

        await stored.WriteAsync(Array.ConvertAll(fresh, static f => f.Value), ct);

        // But for those that were used in another minute since.
        Array.ForEach(fresh, f => this.marks.TryRemove(f));
    }

    /// <summary>Goes on writing until it is cancelled, and then once more.</summary>
    /// <param name="log">Where trouble is told of.</param>
    /// <param name="ct">Ends the loop.</param>
    public async Task RunAsync(ILogger<KeyUseLog> log, CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(Interval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                using CancellationTokenSource limit = new(LongestWrite, time);
                await this.WriteAsync(limit.Token);
            }
            catch (Exception e)
            {
                log.KeyUsesNotWritten(e.Message);
            }

            if (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private KeyView Complete(KeyView key, long written)
    {
        long known = key.LastUsedAtNanos ?? 0;
        long last = Math.Max(Math.Max(known, written), this.marks.TryGetValue(key.Key, out KeyUse? use) ? use.AtNanos : 0);
        return last == known ? key : key with { LastUsedAtNanos = last };
    }
}
