namespace OrleansBilling.Simulation;

/// <summary>Finds a smaller world in which the same check fails.</summary>
/// <param name="run">Runs a world.</param>
/// <param name="operationsMax">How many calls it may take altogether.</param>
internal sealed class Reduction(Func<SimulationOptions, SimulationResult> run, long operationsMax = 1_000_000)
{
    private const int OtherSeeds = 40;
    private long spent;
    private string check = "";
    private SimulationOptions best = new();
    private SimulationResult? result;

    /// <summary>
    /// Cuts what the world has and what happens in it, and looks for seeds that fail sooner, for as long as the same check fails.
    /// Nothing longer is ever taken for smaller.
    /// </summary>
    /// <param name="options">The world.</param>
    /// <param name="failed">How it failed.</param>
    public (SimulationOptions Options, SimulationResult Result) Of(SimulationOptions options, SimulationResult failed)
    {
        (this.best, this.result, this.check) = (options, failed, failed.Violation!.Check);
        this.Try(options with { Operations = Math.Max(1, failed.Operations) });
        bool smaller = true;
        while (smaller)
        {
            smaller = this.CutWorld();
            smaller |= this.CutOperations();
            smaller |= this.FindSeed();
        }

        return (Plain(this.best), this.result);
    }

    // The largest cuts first: what one leaves out, the others need not look at.
    private bool CutWorld()
    {
        bool cut = this.best.Faults && this.Try(this.best with { Faults = false });
        foreach (Troubles trouble in Enum.GetValues<Troubles>())
        {
            cut |= this.Try(this.best with { Without = this.best.Without | trouble });
        }

        cut |= this.Least(this.best.Nodes, [1, 2], n => this.best with { Nodes = n });
        cut |= this.Least(this.best.Clients, [1, 2, 4], n => this.best with { Clients = n });
        cut |= this.Least(this.best.Accounts, [1, 2], n => this.best with { Accounts = n });
        return cut | this.Least(this.best.Lanes, [1], n => this.best with { Lanes = n });
    }

    private bool Least(int now, int[] numbers, Func<int, SimulationOptions> with) =>
        Array.Exists(numbers, n => (now == 0 || n < now) && this.Try(with(n)));

    private bool CutOperations()
    {
        int before = this.best.Operations;
        for (int cut = before / 2; cut > 0;)
        {
            if (!this.Try(this.best with { Operations = this.best.Operations - cut }))
            {
                cut /= 2;
            }

            cut = Math.Min(cut, this.best.Operations - 1);
        }

        return this.best.Operations < before;
    }

    // A seed that happened to fail late says nothing of how soon others do.
    private bool FindSeed()
    {
        ulong first = this.best.Seed;
        for (ulong i = 1; i <= OtherSeeds && this.best.Operations > 1; i++)
        {
            if (this.Try(this.best with { Seed = first + i, Operations = this.best.Operations * 3 / 4 }))
            {
                return true;
            }
        }

        return false;
    }

    // Without what the seed decides in the same way by itself.
    private static SimulationOptions Plain(SimulationOptions options)
    {
        string world = new Scenario(options).ToString();
        foreach (Troubles trouble in Enum.GetValues<Troubles>())
        {
            SimulationOptions plainer = options with { Without = options.Without & ~trouble };
            options = new Scenario(plainer).ToString() == world ? plainer : options;
        }

        foreach (Func<SimulationOptions, SimulationOptions> plain in (Func<SimulationOptions, SimulationOptions>[])
            [o => o with { Nodes = 0 }, o => o with { Clients = 0 }, o => o with { Accounts = 0 }, o => o with { Lanes = 0 }])
        {
            options = new Scenario(plain(options)).ToString() == world ? plain(options) : options;
        }

        return options;
    }

    private bool Try(SimulationOptions smaller)
    {
        if (smaller == this.best || this.spent + smaller.Operations > operationsMax)
        {
            return false;
        }

        SimulationResult again = run(smaller);

        // What a world costs besides its calls counts too, or an endless row of tiny ones would be tried.
        this.spent += again.Operations + 200;
        if (again.Violation?.Check != this.check)
        {
            return false;
        }

        this.best = smaller with { Operations = Math.Min(smaller.Operations, Math.Max(1, again.Operations)) };
        this.result = again;
        return true;
    }
}
