using System.Globalization;
using Orleans.Runtime.Placement;
using OrleansBilling.Hosting.Orleans.Gateways;
using OrleansBilling.Hosting.Orleans.Grains;

namespace OrleansBilling.Hosting.Orleans;

/// <summary>The silos of a cluster. Nothing here waits for one that stands still longer than for a moment.</summary>
/// <param name="gateways">The ways into the cluster.</param>
/// <param name="clusterId">The cluster's id.</param>
/// <param name="time">Measures waiting.</param>
public sealed class OrleansCluster(IGateways gateways, string clusterId, TimeProvider time) : ICluster
{
    /// <summary>A silo that has not answered within this is said not to answer.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a move may take: the calls under way have to be answered first.</summary>
    private static readonly TimeSpan MoveTime = TimeSpan.FromSeconds(5);

    // The grain that answers for the membership is one of so many, on silos that Orleans chose: of some the silo may stand still.
    private const int Managers = 16;

    private int manager;

    /// <summary>Whether some silo answers.</summary>
    /// <param name="patience">How long to try.</param>
    /// <param name="ct">Gives up.</param>
    public Task<bool> IsConnectedAsync(TimeSpan patience, CancellationToken ct) => gateways.IsConnectedAsync(patience, ct);

    /// <inheritdoc/>
    public async Task<ClusterView> LookAsync(CancellationToken ct)
    {
        MembershipEntry[] members = await this.MembersAsync(ct);
        HostView[] hosts = await Task.WhenAll(members.Select(m => this.ViewAsync(m, ct)));
        return new ClusterView(clusterId, IsWhole: true, [.. hosts.OrderBy(h => h.Name, StringComparer.Ordinal).ThenBy(h => h.SinceNanos)]);
    }

    /// <inheritdoc/>
    public async Task<string?> LocateAsync(GrainId grain, CancellationToken ct)
    {
        IAddressable target = this.Target(grain);
        SiloAddress? at = await this.AskAnyAsync(m => m.GetActivationAddress(target).AsTask(), ct);
        return at is null ? null : NameOf(await this.MembersAsync(ct), at);
    }

    /// <inheritdoc/>
    public async Task<ClusterOutcome> DeactivateAsync(GrainId grain, CancellationToken ct)
    {
        if (await this.LocateAsync(grain, ct) is null)
        {
            return ClusterOutcome.NotInMemory;
        }

        return await this.DoesAsync(this.Target(grain).PutAwayAsync().AsTask(), ct) ? ClusterOutcome.Done : ClusterOutcome.NoAnswer;
    }

    /// <inheritdoc/>
    public async Task<ClusterOutcome> MoveAsync(GrainId grain, string host, CancellationToken ct)
    {
        (SiloAddress? there, ClusterOutcome wrong) = Find(await this.MembersAsync(ct), host);
        if (there is null)
        {
            return wrong;
        }

        long began = time.GetTimestamp();
        while (time.GetElapsedTime(began) < MoveTime)
        {
            // The hint goes with the call: who is not in memory comes into it there, who is elsewhere is sent there.
            RequestContext.Set(IPlacementDirector.PlacementHintKey, there);
            Task<SiloAddress> here = this.Target(grain).MoveAsync().AsTask();
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
            if (await this.DoesAsync(here, ct) && (await here).Equals(there))
            {
                return ClusterOutcome.Done;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
        }

        return ClusterOutcome.NoAnswer;
    }

    /// <inheritdoc/>
    public async Task<ClusterOutcome> DrainAsync(string host, CancellationToken ct)
    {
        MembershipEntry[] members = await this.MembersAsync(ct);
        (SiloAddress? there, ClusterOutcome wrong) = Find(members, host);
        if (there is null)
        {
            return wrong;
        }

        if (members.Count(static m => m.Status == SiloStatus.Active) == 1)
        {
            return ClusterOutcome.LastHost;
        }

        if (await this.DoesAsync(this.Silo(there).DrainAsync().AsTask(), ct))
        {
            return ClusterOutcome.Done;
        }

        // It may be going before its answer has gone: the others see that.
        long began = time.GetTimestamp();
        while (Array.Exists(await this.MembersAsync(ct), m => m.SiloAddress.Equals(there) && m.Status == SiloStatus.Active))
        {
            if (time.GetElapsedTime(began) >= AnswerTime)
            {
                return ClusterOutcome.NoAnswer;
            }

            await Task.Delay(Pause, time, ct);
        }

        return ClusterOutcome.Done;
    }

    // Of the dead, the last one under a name that nobody has now.
    private async Task<MembershipEntry[]> MembersAsync(CancellationToken ct)
    {
        MembershipEntry[] all = await this.AskAnyAsync(static m => m.GetDetailedHosts(), ct);
        HashSet<string> living = [.. all.Where(static m => m.Status != SiloStatus.Dead).Select(static m => m.SiloName)];
        return [.. all.Where(static m => m.Status != SiloStatus.Dead),
            .. all.Where(m => m.Status == SiloStatus.Dead && !living.Contains(m.SiloName)).GroupBy(static m => m.SiloName, StringComparer.Ordinal).Select(static g => g.MaxBy(m => m.StartTime)!)];
    }

    private async Task<HostView> ViewAsync(MembershipEntry member, CancellationToken ct)
    {
        HostStatus status = member.Status switch
        {
            SiloStatus.Active => HostStatus.Active,
            SiloStatus.ShuttingDown or SiloStatus.Stopping => HostStatus.Leaving,
            SiloStatus.Dead => HostStatus.Dead,
            _ => HostStatus.Joining,
        };
        HostActivity? activity = null;
        if (status == HostStatus.Active)
        {
            Task<SiloReport> report = this.Silo(member.SiloAddress).ReportAsync().AsTask();
            activity = await this.DoesAsync(report, ct) && await report is { } told ? new HostActivity(told.IsReady, told.CallsUnderWay, told.Activations) : null;
        }

        long since = (member.StartTime - DateTime.UnixEpoch).Ticks * 100;
        return new HostView(member.SiloName, AddressOf(member.SiloAddress), status, since, activity);
    }

    private static (SiloAddress? Silo, ClusterOutcome Wrong) Find(MembershipEntry[] members, string host)
    {
        MembershipEntry[] named = [.. members.Where(m => m.SiloName == host || AddressOf(m.SiloAddress) == host)];
        return named.SingleOrDefault(static m => m.Status == SiloStatus.Active) is { } active ? (active.SiloAddress, ClusterOutcome.Done)
            : (null, named.Length == 0 ? ClusterOutcome.HostNotFound : ClusterOutcome.HostNotActive);
    }

    private static string NameOf(MembershipEntry[] members, SiloAddress silo) =>
        members.FirstOrDefault(m => m.SiloAddress.Equals(silo))?.SiloName ?? AddressOf(silo);

    private static string AddressOf(SiloAddress silo) => silo.Endpoint.ToString();

    private ISiloGrain Silo(SiloAddress silo) => gateways.At(SiloNumber.Of(silo)).Factory.GetGrain<ISiloGrain>(silo.ToParsableString());

    // Any silo knows the others.
    private async Task<T> AskAnyAsync<T>(Func<IManagementGrain, Task<T>> ask, CancellationToken ct)
    {
        Exception? last = null;
        for (int i = 0; i < 3; i++)
        {
            int next = Interlocked.Increment(ref this.manager) & (Managers - 1);
            Task<T> asked = ask(gateways.Next().Factory.GetGrain<IManagementGrain>(next));
            try
            {
                return await asked.WaitAsync(AnswerTime, time, ct);
            }
            catch (Exception e) when (Lost.Is(e))
            {
                Lost.Observe(asked);
                last = e;
            }
        }

        throw new ClusterUnreachableException(
            string.Create(CultureInfo.InvariantCulture, $"No silo of cluster '{clusterId}' answered within {3 * AnswerTime.TotalSeconds:0} s."), last);
    }

    private async Task<bool> DoesAsync(Task asked, CancellationToken ct)
    {
        try
        {
            await asked.WaitAsync(AnswerTime, time, ct);
            return true;
        }
        catch (Exception e) when (Lost.Is(e))
        {
            Lost.Observe(asked);
            return false;
        }
    }

    private IHostedGrain Target(GrainId grain) => OrleansGrains.Target(gateways.To(grain).Factory, grain);
}
