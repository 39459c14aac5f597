using System.Globalization;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// Changes of where grains live, on record in the vendor's own account: first that one was asked for, then what came of it. So none is
/// made that is not on record, and a repeat under the same id gets the first answer and changes nothing.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class ClusterRecord(IGrains grains, TimeProvider time)
{
    private const string RequestIdStart = "~cluster-change:";

    private static readonly GrainId Account = GrainId.Account(Gate.SystemAccount);

    /// <summary>Records and makes a change.</summary>
    /// <param name="ask">What is asked for, by whom and why.</param>
    /// <param name="change">Makes it.</param>
    /// <param name="ct">The caller gave up.</param>
    /// <returns>What came of it, or why it could not be recorded; then nothing was changed.</returns>
    public async Task<(ClusterOutcome Outcome, Problem? Problem)> DoAsync(AskClusterChange ask, Func<Task<ClusterOutcome>> change, CancellationToken ct)
    {
        Reply reply = await grains.AskAsync(Account, ask, ct);
        if (reply is not Accepted asked)
        {
            return (default, Problem.From(reply, time));
        }

        EndClusterChange end = new(asked.Seq)
        {
            RequestId = RequestIdStart + asked.Seq.ToString(CultureInfo.InvariantCulture),
            Actor = ask.Actor,
        };

        // Where the first try did not come to its end, this one does.
        if (asked.Replayed && Told(await grains.AskAsync(Account, end, ct)) is { } first)
        {
            return (first, null);
        }

        ClusterOutcome outcome;
        try
        {
            outcome = await change();
        }
        catch (ClusterUnreachableException)
        {
            outcome = ClusterOutcome.NoAnswer;
        }

        // Not to be given up halfway. Where it cannot be recorded, it is on record that it was asked for.
        return (Told(await grains.AskAsync(Account, end with { Result = outcome.ToString() }, CancellationToken.None)) ?? outcome, null);
    }

    private static ClusterOutcome? Told(Reply reply) =>
        reply is Accepted { Event: ClusterChangeEnded ended } && Enum.TryParse(ended.Result, out ClusterOutcome outcome) ? outcome : null;
}
