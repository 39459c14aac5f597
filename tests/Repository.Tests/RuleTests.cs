using OrleansBilling.Repository.Tests.Rules;
using Xunit;

namespace OrleansBilling.Repository.Tests;

/// <summary>The repository keeps its own rules, and each rule is shown to be able to fail.</summary>
public sealed class RuleTests
{
    private static readonly Sources Repository = Sources.Repository();

    private static readonly IReadOnlyList<Rule> Rules = [.. Arrows.All, .. Code.All, .. Files.All];

    public static TheoryData<string> Names => [.. Rules.Select(r => r.Name)];

    public static TheoryData<string, int> Samples =>
        [.. Rules.SelectMany(r => r.BadSamples.Select((_, i) => (r.Name, i)))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_repository_keeps(string rule)
    {
        string[] broken = [.. Named(rule).Find(Repository)];
        Assert.True(broken.Length == 0, $"{rule}:\n  {string.Join("\n  ", broken)}");
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_bad_sample_breaks(string rule, int sample) =>
        Assert.NotEmpty(Named(rule).Find(Named(rule).BadSamples[sample]));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_rule_has_a_bad_sample(string rule) => Assert.NotEmpty(Named(rule).BadSamples);

    [Fact]
    public void The_repository_is_found_whole()
    {
        Assert.True(Repository.Has("Grains/Grains.csproj"));
        Assert.True(Repository.Has("dev"));
        Assert.True(Repository.CSharp.Count() > 20);
    }

    [Fact]
    public void Every_exception_is_needed()
    {
        Assert.All(
            Exceptions.LongFiles.Keys.Concat(Exceptions.WaitingTests.Keys).Concat(Exceptions.SkippedTests.Keys),
            path => Assert.True(Repository.Has(path), $"{path} is on a list of exceptions, but gone"));
        Assert.All(
            Exceptions.LongFiles.Keys,
            path => Assert.True(Repository.CSharp.Single(f => f.Path == path).Text.Count(c => c == '\n') > 300, $"{path} is short by now"));
        Assert.All(
            Exceptions.WaitingTests.Keys,
            path => Assert.Contains("Task.Delay(", Repository.CSharp.Single(f => f.Path == path).Code, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a // double\nb", "a          \nb")]
    [InlineData("a /* x\n */ b", "a     \n    b")]
    [InlineData("f(\"a\\\"b\", 'c') + @\"d\"\"e\"", "f(      ,    ) +        ")]
    public void Comments_and_literals_are_told_from_code(string text, string code) =>
        Assert.Equal(code, CSharpText.WithoutCommentsAndLiterals(text));

    private static Rule Named(string name) => Rules.Single(r => r.Name == name);
}
