namespace OrleansBilling.Repository.Tests;

/// <summary>One thing that must hold of the whole repository.</summary>
/// <param name="Name">A sentence.</param>
/// <param name="Find">What breaks it, as <c>path: what to do</c>.</param>
/// <param name="BadSamples">Small repositories that break it, each in one way: the rule must find each of them.</param>
public sealed record Rule(string Name, Func<Sources, IEnumerable<string>> Find, params Sources[] BadSamples)
{
    public override string ToString() => this.Name;
}
