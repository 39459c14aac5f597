namespace OrleansBilling.ApiHost.Requests;

/// <summary>
/// The refusals of the last hours under a request id, as this host gave them, so that they can be explained. Nothing is decided
/// by them: a request under the same id is decided anew. The newest <see cref="Capacity"/> are kept.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RecentDenials(TimeProvider time)
{
    /// <summary>How many are kept: about 20 MB at most.</summary>
    public const int Capacity = 65_536;

    /// <summary>How long one is told.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(6);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Account, string RequestId), RecentDenial> byId = [];
    private readonly Queue<RecentDenial> byAge = new();

    /// <summary>Keeps a refusal; of several under one id the last.</summary>
    /// <param name="account">The account that refused.</param>
    /// <param name="command">The command.</param>
    /// <param name="denied">The refusal.</param>
    public void Add(string account, Command command, Denied denied)
    {
        if (command.RequestId is not { } id)
        {
            return;
        }

        RecentDenial denial = new(account, id, command, denied, time.GetUtcNow());
        lock (this.gate)
        {
            this.byId[(account, id)] = denial;
            this.byAge.Enqueue(denial);
            while (this.byAge.Count > Capacity || this.IsOld(this.byAge.Peek()))
            {
                RecentDenial oldest = this.byAge.Dequeue();
                if (this.byId.TryGetValue((oldest.Account, oldest.RequestId), out RecentDenial? kept) && ReferenceEquals(kept, oldest))
                {
                    this.byId.Remove((oldest.Account, oldest.RequestId));
                }
            }
        }
    }

    /// <summary>The refusal under an id, or null.</summary>
    /// <param name="account">The account.</param>
    /// <param name="requestId">The id.</param>
    public RecentDenial? Find(string account, string requestId)
    {
        lock (this.gate)
        {
            return this.byId.TryGetValue((account, requestId), out RecentDenial? denial) && !this.IsOld(denial) ? denial : null;
        }
    }

    private bool IsOld(RecentDenial denial) => time.GetUtcNow() - denial.At > MaxAge;
}

/// <summary>A refusal.</summary>
/// <param name="Account">The account that refused.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Command">What was asked.</param>
/// <param name="Denied">What was answered.</param>
/// <param name="At">When.</param>
internal sealed record RecentDenial(string Account, string RequestId, Command Command, Denied Denied, DateTimeOffset At);
