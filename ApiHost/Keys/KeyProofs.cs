using System.Text.Json;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>What is recorded of keys.</summary>
internal interface IKeyProofs
{
    /// <summary>A key's proof as of now or later: a <see cref="KeyProof"/>, or why there is none.</summary>
    /// <param name="keyId">The key's public id.</param>
    /// <param name="ct">The caller gave up.</param>
    ValueTask<Reply> ReadAsync(string keyId, CancellationToken ct);

    /// <summary>Records the tag of a key under this host's pepper. May be repeated.</summary>
    /// <param name="keyId">The key's public id.</param>
    /// <param name="tag">The tag, base64url.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<Reply> RenewAsync(string keyId, string tag, CancellationToken ct);
}

/// <summary>
/// Reads proofs from the journal, and not through key grains: whoever can count a checksum can name keys that nobody ever made,
/// and each would push an account out of memory. Many keys make one question, one question is under way at a time, and so many
/// wait at most; a stranger's keys cost a host no more than that. Nothing is remembered of a key that is not there, so one that
/// another host has made is found by whoever asks after it was acknowledged.
/// </summary>
/// <param name="journal">Holds the proofs.</param>
/// <param name="grains">Takes tags under another pepper, and answers for keys whose first proof cannot be read.</param>
/// <param name="pepper">Fingerprint of this host's pepper.</param>
/// <param name="time">Ends waiting.</param>
internal sealed class KeyProofs(IJournal journal, IGrains grains, string pepper, TimeProvider time) : IKeyProofs
{
    /// <summary>The most keys that wait to be asked about; for more the host is overloaded.</summary>
    public const int MaxWaiting = 8_192;

    private const int MaxGroup = 512;

    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly List<Question> waiting = [];
    private bool asking;

    /// <inheritdoc/>
    public async ValueTask<Reply> ReadAsync(string keyId, CancellationToken ct)
    {
        GrainId key = GrainId.ForKey(keyId);
        try
        {
            if (!this.TryAsk(new RequestKey(key, KeyIssuer.RequestIdOf(keyId)), out Task<JournalRow?> first))
            {
                return new Denied(Outcome.Overloaded);
            }

            if (await first.WaitAsync(CallTime, time, ct) is not { } row)
            {
                return new Denied(Outcome.KeyNotFound);
            }

            if (Read(row) is not KeyIssued issued)
            {
                return await grains.AskAsync(key, new GetKeyProof(), ct);
            }

            if (issued.Pepper == pepper)
            {
                return new KeyProof(issued.Account, issued.Tag, issued.Pepper);
            }

            if (!this.TryAsk(new RequestKey(key, this.RenewalId), out Task<JournalRow?> second))
            {
                return new Denied(Outcome.Overloaded);
            }

            return await second.WaitAsync(CallTime, time, ct) is { } renewal && Read(renewal) is KeyProofRenewed renewed
                ? new KeyProof(issued.Account, renewed.Tag, renewed.Pepper)
                : new KeyProof(issued.Account, issued.Tag, issued.Pepper) { Hash = issued.Hash };
        }
        catch (JournalUnavailableException e)
        {
            return new Denied(Outcome.Unavailable, Detail: e.Message);
        }
        catch (TimeoutException)
        {
            return new Denied(Outcome.Unavailable, Detail: $"The journal did not answer within {CallTime.TotalSeconds:0} s.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<Reply> RenewAsync(string keyId, string tag, CancellationToken ct) =>
        grains.AskAsync(GrainId.ForKey(keyId), new RenewKeyProof(tag, pepper) { RequestId = this.RenewalId }, ct);

    // The id under which a key grain has its tag under this pepper, where that is not the first one's.
    private string RenewalId => "~renew:" + pepper;

    // Null for what this release cannot read; the grain says what is wrong with it.
    private static Event? Read(JournalRow row)
    {
        try
        {
            return EventJson.Read(row.Type, row.Data);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool TryAsk(RequestKey key, out Task<JournalRow?> answer)
    {
        Question question = new(key, new TaskCompletionSource<JournalRow?>(TaskCreationOptions.RunContinuationsAsynchronously));
        answer = question.Answer.Task;
        lock (this.gate)
        {
            if (this.waiting.Count >= MaxWaiting)
            {
                return false;
            }

            this.waiting.Add(question);
            if (this.asking)
            {
                return true;
            }

            this.asking = true;
        }

        _ = this.AskAllAsync();
        return true;
    }

    private async Task AskAllAsync()
    {
        while (this.TakeGroup() is { Count: > 0 } group)
        {
            try
            {
                IReadOnlyList<JournalRow?> rows = await journal.FindRequestsAsync(group.ConvertAll(static q => q.Key), CancellationToken.None);
                for (int i = 0; i < group.Count; i++)
                {
                    group[i].Answer.SetResult(rows[i]);
                }
            }
            catch (Exception e)
            {
                // Each of those who asked gets the failure; the next ones are asked about all the same.
                group.ForEach(q => q.Answer.TrySetException(e));
            }
        }
    }

    private List<Question> TakeGroup()
    {
        lock (this.gate)
        {
            int count = Math.Min(this.waiting.Count, MaxGroup);
            List<Question> group = this.waiting.GetRange(0, count);
            this.waiting.RemoveRange(0, count);
            this.asking = count > 0;
            return group;
        }
    }

    private readonly record struct Question(RequestKey Key, TaskCompletionSource<JournalRow?> Answer);
}
