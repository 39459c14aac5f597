using System.Globalization;
using System.Text;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Tests.OpenApi;

/// <summary>docs/errors.md has every code that a caller can be given.</summary>
public sealed class ErrorListTests
{
    private const string Page = "docs/errors.md";
    private const string Heading = "## Codes\n\n";

    [Fact]
    public void The_page_lists_every_code_with_its_status_and_title()
    {
        string text = File.ReadAllText(Path.Combine(Snapshot.Root, Page));
        string before = text[..(text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)];

        Snapshot.Check(Page, before + Table());
    }

    [Fact]
    public void No_code_stands_for_two_things()
    {
        string[] codes = [.. ProblemKind.All.Select(k => k.Code), .. Outcomes().Select(o => o.Code).Where(c => c != ProblemKind.Invalid.Code)];

        Assert.Equal(codes.Length, codes.Distinct(StringComparer.Ordinal).Count());
        Assert.True(ProblemKind.All.Count > 20);
    }

    private static string Table()
    {
        StringBuilder table = new("| status | code | what it says |\n| --- | --- | --- |\n");
        IEnumerable<(int Status, string Code, string Title)> rows = Outcomes().Select(o => (o.Status, o.Code, o.Title))
            .Concat(ProblemKind.All.Where(k => k != ProblemKind.Invalid).Select(k => (k.Status, k.Code, k.Title)));
        foreach ((int status, string code, string title) in rows.OrderBy(r => r.Status).ThenBy(r => r.Code, StringComparer.Ordinal))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {status} | `{code}` | {title} |\n");
        }

        return table.ToString();
    }

    private static IEnumerable<OutcomeAnswer> Outcomes() => Enum.GetValues<Outcome>().Where(o => o != Outcome.Accepted).Select(OutcomeMap.Answer);
}
