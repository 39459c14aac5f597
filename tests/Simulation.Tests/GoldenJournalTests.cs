using OrleansBilling.Json;

namespace OrleansBilling.Simulation.Tests;

/// <summary>
/// Journals that releases have written replay to the same states, byte for byte. A difference is a mistake in the code, never a
/// reason to write a file anew: a stored form never changes, an event that needs another form gets a new type name.
/// </summary>
public class GoldenJournalTests
{
    private static IEnumerable<string> Files => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.journal").Order(StringComparer.Ordinal);

    [Fact]
    public void Every_golden_journal_replays_to_the_states_it_had()
    {
        Assert.NotEmpty(Files);
        foreach (string file in Files)
        {
            Assert.Empty(GoldenJournal.Verify(File.ReadAllLines(file), out List<string> missing));
            Assert.True(missing.Count == 0, $"This release writes snapshots in a new form; ./dev sim --golden tests/Simulation.Tests/Golden/{Path.GetFileName(file)} adds them.");
        }
    }

    [Fact]
    public void Every_event_is_in_a_golden_journal() => Assert.Equal(
        EventJson.TypeNames.Order(StringComparer.Ordinal),
        Files.SelectMany(f => GoldenJournal.Types(File.ReadLines(f))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    // What the check would say if the code, instead of the file, had been changed.
    [Theory]
    [InlineData("\"balanceNanos\":", "\"balance\":")]
    [InlineData("\tcharged\t", "\thold_placed\t")]
    [InlineData("\"amountNanos\":", "\"amountNanos\":1")]
    [InlineData("snapshot\taccount/a0", "snapshot\taccount/a1")]
    public void A_change_of_a_stored_form_is_noticed(string was, string becomes)
    {
        List<string> lines = [.. File.ReadLines(Files.First())];
        int at = lines.FindLastIndex(l => l.Contains(was, StringComparison.Ordinal));
        lines[at] = lines[at].Replace(was, becomes, StringComparison.Ordinal);
        if (was.StartsWith("snapshot", StringComparison.Ordinal))
        {
            lines.RemoveAt(lines.FindIndex(l => l.StartsWith("snapshot\taccount/a1", StringComparison.Ordinal)));
            lines[lines.FindLastIndex(l => l.StartsWith("snapshot\t", StringComparison.Ordinal))] += "00";
        }

        Assert.NotEmpty(GoldenJournal.Verify(lines, out _));
    }
}
