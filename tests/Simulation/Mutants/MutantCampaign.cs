namespace OrleansBilling.Simulation.Mutants;

/// <summary>What became of one mutant.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">What is wrong.</param>
/// <param name="Seeds">How many seeds were needed; 0 when it was not caught.</param>
/// <param name="Check">What caught it.</param>
internal sealed record MutantResult(int Number, string Name, int Seeds, string Check);

/// <summary>Runs worlds with one bug switched on at a time, until something says so.</summary>
internal static class MutantCampaign
{
    /// <summary>A bug must be caught within this many seeds.</summary>
    public const int SeedsMax = 100;

    /// <summary>Runs the mutants, one after another; their seeds on all cores. Only in the build that has them.</summary>
    /// <param name="numbers">Which.</param>
    /// <param name="options">What to simulate.</param>
    public static IEnumerable<MutantResult> Run(IEnumerable<int> numbers, SimulationOptions options)
    {
        foreach (int number in numbers)
        {
            if (!MutantBuild.Switch(number))
            {
                throw new InvalidOperationException("This build has no mutants in it.");
            }

            yield return Catch(number, options);
            MutantBuild.Switch(0);
        }
    }

    private static MutantResult Catch(int number, SimulationOptions options)
    {
        int next = 0;
        int seeds = int.MaxValue;
        string check = "not caught";
        Lock gate = new();
        Thread[] threads =
        [
            .. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
            {
                while (true)
                {
                    int seed;
                    lock (gate)
                    {
                        seed = ++next;
                        if (seed > SeedsMax || seed > seeds)
                        {
                            return;
                        }
                    }

                    SimulationResult result = new SimulationRun(options with { Seed = options.Seed + (ulong)seed - 1 }).Run();
                    lock (gate)
                    {
                        if (result.Violation is { } violation && seed < seeds)
                        {
                            (seeds, check) = (seed, violation.Check);
                        }
                    }
                }
            })),
        ];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return new MutantResult(number, Mutant.All[number - 1].Name, seeds == int.MaxValue ? 0 : seeds, check);
    }
}
