namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>How an answer can be lost once the grain has given it.</summary>
public enum Loss
{
    /// <summary>The client is told that the silo is gone.</summary>
    Reported,

    /// <summary>The client hears nothing.</summary>
    Silent,
}

/// <summary>Between a front end and Orleans' client: loses the next answer of an account, after that did what it was asked to.</summary>
/// <param name="account">The account.</param>
internal sealed class LostAnswer(string account) : IOutgoingGrainCallFilter
{
    private readonly TaskCompletionSource never = new();
    private readonly TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int calls;
    private int loss = -1;

    /// <summary>How many calls the account got since.</summary>
    public int Calls => Volatile.Read(ref this.calls);

    /// <summary>Completes when the answer is lost: what was asked is done by then.</summary>
    public Task Lost => this.lost.Task;

    /// <summary>Loses the next answer.</summary>
    public void Lose(Loss how)
    {
        Volatile.Write(ref this.calls, 0);
        Volatile.Write(ref this.loss, (int)how);
    }

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        bool isAsked = context.MethodName == "AskAsync" && context.TargetId.Key.ToString() == account;
        if (isAsked)
        {
            Interlocked.Increment(ref this.calls);
        }

        await context.Invoke();
        if (isAsked && Interlocked.Exchange(ref this.loss, -1) is >= 0 and int how)
        {
            this.lost.SetResult();
            await ((Loss)how == Loss.Silent ? this.never.Task : throw new SiloUnavailableException("The silo died before it could answer."));
        }
    }
}
