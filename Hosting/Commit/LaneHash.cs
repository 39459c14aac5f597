namespace OrleansBilling.Hosting.Commit;

/// <summary>Which lane a grain's rows take: the same on every host and in every release, for a given number of lanes.</summary>
internal static class LaneHash
{
    /// <summary>The lane, 0 … lanes − 1, by FNV-1a over the path's characters.</summary>
    public static int Of(GrainId grain, int lanes)
    {
        uint hash = 2166136261;
        foreach (char c in grain.Path)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        return (int)(hash % (uint)lanes);
    }
}
