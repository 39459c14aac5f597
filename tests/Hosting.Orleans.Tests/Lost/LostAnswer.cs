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
    private int answersToKeep;

    /// <summary>How many calls the account got since.</summary>
    public int Calls => Volatile.Read(ref this.calls);

    /// <summary>What happens between the answer and its loss.</summary>
    public Func<Task> Meanwhile { get; set; } = static () => Task.CompletedTask;

    /// <summary>Completes when the first answer is lost: what was asked is done by then.</summary>
    public Task Lost => this.lost.Task;

    /// <summary>Loses the next answer, or one after that.</summary>
    /// <param name="how">How.</param>
    /// <param name="after">How many answers come through before it.</param>
    public void Lose(Loss how, int after = 0)
    {
        Volatile.Write(ref this.calls, 0);
        Volatile.Write(ref this.answersToKeep, after);
        Volatile.Write(ref this.loss, (int)how);
    }

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        bool isAsked = context.MethodName is "AskAsync" or "AskInOrderAsync" && context.TargetId.Key.ToString() == account;
        if (isAsked)
        {
            Interlocked.Increment(ref this.calls);
        }

        await context.Invoke();
        if (isAsked && Interlocked.Decrement(ref this.answersToKeep) < 0 && Interlocked.Exchange(ref this.loss, -1) is >= 0 and int how)
        {
            await this.Meanwhile();
            this.lost.TrySetResult();
            await ((Loss)how == Loss.Silent ? this.never.Task : throw new SiloUnavailableException("The silo died before it could answer."));
        }
    }
}
