using System.Buffers;
using System.Globalization;
using System.Text;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Simulation;

/// <summary>
/// Whole journals in a text file, as a release stored them, and the states they come to: a line per row (grain, seq, time, type,
/// actor, request id and hash, hash, data) and per snapshot (grain, seq, version, bytes), with tabs in between. Rows are never
/// written anew; a release that writes snapshots in another form adds its own lines.
/// </summary>
internal static class GoldenJournal
{
    private const string None = "-";

    /// <summary>Writes a world's journal; or, where the file is there already, adds what snapshots it lacks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="seed">The world, where there is no file yet.</param>
    public static void Write(string file, ulong seed)
    {
        List<string> lines = File.Exists(file) ? [.. File.ReadLines(file)] : [.. Rows(seed).Select(Line)];
        Verify(lines, out List<string> missing);
        File.WriteAllLines(file, lines.Concat(missing));
    }

    /// <summary>What does not hold: rows that are no chain, or are not read and written back the same; states that are not as they were.</summary>
    /// <param name="lines">The file.</param>
    /// <param name="missing">Snapshots in this release's form that are not there: of the middle and of the end of each grain.</param>
    public static IReadOnlyList<string> Verify(IReadOnlyList<string> lines, out List<string> missing)
    {
        List<string> problems = [];
        missing = [];
        ILookup<string, JournalRow> chains = lines.Where(l => l.StartsWith("row\t", StringComparison.Ordinal)).Select(Row).ToLookup(r => r.Grain.Path, StringComparer.Ordinal);
        Dictionary<(string Grain, long Seq, byte Version), byte[]> kept = lines
            .Where(l => l.StartsWith("snapshot\t", StringComparison.Ordinal))
            .Select(l => l.Split('\t'))
            .ToDictionary(
                c => (c[1], long.Parse(c[2], CultureInfo.InvariantCulture), byte.Parse(c[3], CultureInfo.InvariantCulture)),
                c => Convert.FromHexString(c[4]));
        foreach (IGrouping<string, JournalRow> chain in chains)
        {
            try
            {
                Verify([.. chain], kept, problems, missing);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever a row trips over, this release cannot replay it.
                problems.Add($"{chain.Key} cannot be replayed: {e.Message}");
            }
        }

        return problems;
    }

    /// <summary>The types of events in it.</summary>
    public static IEnumerable<string> Types(IEnumerable<string> lines) =>
        lines.Where(l => l.StartsWith("row\t", StringComparison.Ordinal)).Select(l => Row(l).Type).Distinct(StringComparer.Ordinal);

    private static void Verify(
        JournalRow[] rows, Dictionary<(string Grain, long Seq, byte Version), byte[]> kept, List<string> problems, List<string> missing)
    {
        GrainKind kind = GrainKinds.Find(rows[0].Grain.Kind)!;
        object state = kind.NewState();
        object? fromMiddle = null;
        ChainHash hash = default;
        foreach (JournalRow row in rows)
        {
            hash = ChainHash.Next(hash, row);
            Event e = EventJson.Read(row.Type, row.Data);
            ArrayBufferWriter<byte> again = new();
            EventJson.Write(e, again);
            if (hash != row.Hash || !again.WrittenSpan.SequenceEqual(row.Data))
            {
                problems.Add($"row {row.Seq} of {row.Grain} is not as it was: {Encoding.UTF8.GetString(row.Data)} became {Encoding.UTF8.GetString(again.WrittenSpan)}");
                return;
            }

            kind.Apply(state, e, row.Seq, row.AtNanos);
            if (fromMiddle is not null)
            {
                kind.Apply(fromMiddle, e, row.Seq, row.AtNanos);
            }

            bool middle = row.Seq == (rows.Length + 1) / 2;
            if (middle || row.Seq == rows.Length)
            {
                byte[] now = Snapshot(kind, state);
                if (!kept.TryGetValue((row.Grain.Path, row.Seq, now[0]), out byte[]? then))
                {
                    missing.Add(string.Create(CultureInfo.InvariantCulture, $"snapshot\t{row.Grain.Path}\t{row.Seq}\t{now[0]}\t{Convert.ToHexStringLower(now)}"));
                }
                else if (!now.AsSpan().SequenceEqual(then))
                {
                    problems.Add($"{row.Grain} comes to another state at row {row.Seq}: {Convert.ToHexStringLower(then)} became {Convert.ToHexStringLower(now)}");
                }

                fromMiddle ??= kind.ReadSnapshot(now);
            }
        }

        if (!Snapshot(kind, fromMiddle!).AsSpan().SequenceEqual(Snapshot(kind, state)))
        {
            problems.Add($"{rows[0].Grain} comes to another state from its snapshot than from its rows");
        }
    }

    private static byte[] Snapshot(GrainKind kind, object state)
    {
        ArrayBufferWriter<byte> bytes = new();
        kind.WriteSnapshot(state, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    private static IEnumerable<JournalRow> Rows(ulong seed)
    {
        SimulationRun run = new(new SimulationOptions { Seed = seed, Operations = 1_500 });
        if (run.Run().Violation is { } violation)
        {
            throw violation;
        }

        return run.Journal.OrderBy(c => c.Key.Path, StringComparer.Ordinal).SelectMany(c => c.Value);
    }

    private static string Line(JournalRow row) => string.Join(
        '\t', "row", row.Grain.Path, row.Seq.ToString(CultureInfo.InvariantCulture), row.AtNanos.ToString(CultureInfo.InvariantCulture), row.Type, row.Actor,
        row.RequestId ?? None, row.RequestHash is null ? None : Convert.ToHexStringLower(row.RequestHash), row.Hash.ToString(), Encoding.UTF8.GetString(row.Data));

    private static JournalRow Row(string line)
    {
        string[] cells = line.Split('\t');
        return new JournalRow(
            new GrainId(cells[1]), long.Parse(cells[2], CultureInfo.InvariantCulture), long.Parse(cells[3], CultureInfo.InvariantCulture), cells[4], cells[5],
            cells[6] == None ? null : cells[6], cells[7] == None ? null : Convert.FromHexString(cells[7]), Encoding.UTF8.GetBytes(cells[9]))
        {
            Hash = new ChainHash(Convert.FromHexString(cells[8])),
        };
    }
}
