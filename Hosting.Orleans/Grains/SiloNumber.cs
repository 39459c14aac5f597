namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>What tells a front end's connections apart: the same number in every answer of one silo, another after its restart.</summary>
internal static class SiloNumber
{
    /// <summary>The number of a silo; never 0.</summary>
    public static int Of(SiloAddress silo) => silo.GetConsistentHashCode() | 1;

    /// <summary>The number of the silo that a grain is on.</summary>
    public static int Of(IGrainContext grain) => Of(grain.Address.SiloAddress!);
}
