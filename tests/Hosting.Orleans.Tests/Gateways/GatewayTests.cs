using OrleansBilling.Hosting.Orleans.Gateways;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Gateways;

/// <summary>Which way a call goes, and when a silo counts as silent.</summary>
public sealed class GatewayTests
{
    private static readonly GrainId Acme = GrainId.Account("acme");

    private readonly Gateway[] all = [Speaking(11), Speaking(13), Speaking(15)];
    private readonly KnownGateways known;

    public GatewayTests() => this.known = new KnownGateways { All = [.. this.all] };

    [Fact]
    public void A_call_goes_straight_to_the_silo_that_answered_last()
    {
        foreach (Gateway gateway in this.all)
        {
            this.known.Learn(Acme, gateway.Silo);
            Assert.Same(gateway, this.known.To(Acme));
        }
    }

    [Fact]
    public void A_grain_that_was_never_asked_always_goes_the_same_way()
    {
        Gateway[] ways = [.. Enumerable.Range(0, 20).Select(_ => this.known.To(Acme)).Distinct()];
        Assert.Single(ways);
    }

    [Fact]
    public async Task A_call_goes_around_a_silo_that_is_silent_and_back_when_it_speaks()
    {
        this.known.Learn(Acme, 13);
        await this.all[1].FallSilentAsync();
        Assert.All(Enumerable.Range(0, 20), _ => Assert.NotSame(this.all[1], this.known.To(Acme)));

        this.all[1].Speak(13);
        Assert.Same(this.all[1], this.known.To(Acme));
    }

    [Fact]
    public async Task Another_way_is_never_the_one_tried_nor_a_silent_one()
    {
        await this.all[2].FallSilentAsync();
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Same(this.all[1], this.known.Next(this.all[0])));
    }

    [Fact]
    public async Task The_only_one_that_speaks_is_asked_again_and_any_where_none_does()
    {
        await this.all[1].FallSilentAsync();
        await this.all[2].FallSilentAsync();
        Assert.Same(this.all[0], this.known.Next(this.all[0]));

        await this.all[0].FallSilentAsync();
        Assert.Contains(this.known.Next(this.all[0]), this.all[1..]);
        Assert.Contains(this.known.To(Acme), this.all);
    }

    [Fact]
    public void A_silo_is_asked_by_its_own_gateway_or_else_by_any()
    {
        Assert.Same(this.all[2], this.known.At(15));
        Assert.Contains(this.known.At(17), this.all);
    }

    [Fact]
    public async Task A_silo_is_silent_when_a_beat_is_unanswered_at_the_third_look()
    {
        Gateway gateway = Speaking(11);
        TaskCompletionSource<int> answer = new();
        GatewayWatch watch = new(gateway, () => answer.Task);
        await watch.LookAsync();
        CancellationToken waiting = gateway.Silence;

        for (int look = 1; look <= GatewayWatch.MissedLooks; look++)
        {
            Assert.False(gateway.IsSilent);
            await watch.LookAsync();
        }

        Assert.True(gateway.IsSilent);
        Assert.True(waiting.IsCancellationRequested);
    }

    [Fact]
    public async Task A_silo_that_answers_late_or_after_its_restart_speaks_again()
    {
        Gateway gateway = Speaking(11);
        Queue<TaskCompletionSource<int>> beats = new([new(), new(), new()]);
        GatewayWatch watch = new(gateway, () => beats.Peek().Task);
        await watch.LookAsync();
        await gateway.FallSilentAsync();

        beats.Dequeue().SetResult(11);
        await watch.LookAsync();
        Assert.False(gateway.IsSilent);
        Assert.False(gateway.Silence.IsCancellationRequested);

        beats.Dequeue().SetException(new SiloUnavailableException("gone"));
        await watch.LookAsync();
        Assert.True(gateway.IsSilent);

        beats.Dequeue().SetResult(19);
        beats.Enqueue(new());
        await watch.LookAsync();
        Assert.False(gateway.IsSilent);
        Assert.Equal(19, gateway.Silo);
    }

    [Fact]
    public async Task A_silo_is_watched_whatever_a_beat_ended_with()
    {
        Gateway gateway = Speaking(11);
        Queue<Func<Task<int>>> beats = new(
            [static () => throw new ObjectDisposedException("the client"), static () => Task.FromException<int>(new InvalidOperationException("nobody foresaw this")), static () => Task.FromResult(11)]);
        GatewayWatch watch = new(gateway, () => beats.Dequeue()());
        await watch.LookAsync();

        beats.Enqueue(static () => Task.FromResult(11));
        await watch.LookAsync();
        Assert.True(gateway.IsSilent);

        beats.Enqueue(static () => Task.FromResult(11));
        await watch.LookAsync();
        Assert.True(gateway.IsSilent);

        await watch.LookAsync();
        Assert.False(gateway.IsSilent);
    }

    // No grain is asked here.
    private static Gateway Speaking(int silo)
    {
        Gateway gateway = new(null!);
        gateway.Speak(silo);
        return gateway;
    }
}
