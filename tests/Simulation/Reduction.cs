namespace OrleansBilling.Simulation;

/// <summary>Finds a smaller world in which the same check fails.</summary>
internal static class Reduction
{
    /// <summary>Cuts operations, faults, clients and nodes for as long as the same check fails.</summary>
    public static (SimulationOptions Options, SimulationResult Result) Of(SimulationOptions options, SimulationResult failed)
    {
        SimulationOptions best = options;
        SimulationResult result = failed;
        bool Try(SimulationOptions smaller)
        {
            if (smaller == best)
            {
                return false;
            }

            SimulationResult again = new SimulationRun(smaller).Run();
            if (again.Violation?.Check != failed.Violation!.Check)
            {
                return false;
            }

            best = smaller;
            result = again;
            return true;
        }

        Try(best with { Faults = false });
        foreach (int nodes in (int[])[1, 2])
        {
            if (Try(best with { Nodes = nodes }))
            {
                break;
            }
        }

        foreach (int clients in (int[])[1, 2, 4])
        {
            if (Try(best with { Clients = clients }))
            {
                break;
            }
        }

        Try(best with { Operations = Math.Max(1, result.Operations) });
        for (int cut = best.Operations / 2; cut > 0;)
        {
            if (!Try(best with { Operations = best.Operations - cut }))
            {
                cut /= 2;
            }

            cut = Math.Min(cut, best.Operations - 1);
        }

        return (best, result);
    }
}
