using System.Globalization;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Heads;

/// <summary>
/// A series of files of heads, numbered from 1 without a gap, each signed and naming the signature of the one before. Nobody
/// without the pepper can change one or leave one out; only that the last ones are gone does not show, so that the folder is to be
/// copied elsewhere. To start anew, all files are moved away: the next one has all heads.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="pepper">Signs and proves.</param>
internal sealed class HeadsFolder(string path, Pepper pepper)
{
    private const string NameStart = "heads-";
    private const string NameEnd = ".txt";

    private readonly List<string> problems = [];

    /// <summary>What was wrong with files that were read, each a sentence.</summary>
    public IReadOnlyList<string> Problems => this.problems;

    /// <summary>The newest good file that was read, or null.</summary>
    public HeadFile? Newest { get; private set; }

    /// <summary>Whether a folder has no file of heads, or does not exist.</summary>
    /// <param name="path">The folder.</param>
    public static bool IsEmpty(string path) => Numbers(path).Count == 0;

    /// <summary>The last file, proven; null where there is none.</summary>
    /// <exception cref="HeadFileException">It is not good: nothing can be added to the series.</exception>
    public HeadFile? ReadLast()
    {
        if (Numbers(path) is not { Count: > 0 } numbers)
        {
            return null;
        }

        try
        {
            HeadFile last = HeadFile.Read(this.PathOf(numbers[^1]), pepper);
            return last.Header.Number == numbers[^1] ? last : throw new HeadFileException("it is another one, renamed.");
        }
        catch (HeadFileException e)
        {
            throw new HeadFileException($"{this.PathOf(numbers[^1])} cannot be continued, {e.Message} Verify; then move all files of the folder away.");
        }
    }

    /// <summary>Adds a file: whole under its name, or not at all.</summary>
    /// <param name="last">The one before.</param>
    /// <param name="now">Where the journal is.</param>
    /// <param name="at">The time.</param>
    /// <param name="fill">Writes the heads.</param>
    /// <returns>The file's path and how many heads it has; no path when it would have none.</returns>
    public async Task<(string? Path, long Count)> AddAsync(HeadFile? last, HeadPosition now, DateTimeOffset at, Func<HeadFileWriter, Task> fill)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        long number = (last?.Header.Number ?? 0) + 1;
        string final = this.PathOf(number);
        string draft = final + ".draft";
        try
        {
            long count;
            using (HeadFileWriter writer = new(draft, new(HeadFile.Version, number, last?.Mac ?? "", pepper.Fingerprint, at, now.Database, now.Tx), pepper))
            {
                await fill(writer);
                writer.Finish();
                count = writer.Count;
            }

            if (count == 0)
            {
                return (null, 0);
            }

            // A power cut may undo the move: the next export then starts where this one did.
            File.Move(draft, final, overwrite: false);
            return (final, count);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>All heads of all good files, oldest first; notes what is wrong with the others.</summary>
    public IEnumerable<GrainHead> ReadAll()
    {
        long before = 0;
        HeadFile? previous = null;
        foreach (long number in Numbers(path))
        {
            if (number != before + 1)
            {
                this.problems.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: files of heads are missing, number {before + 1} to {number - 1}."));
                previous = null;
            }

            HeadFile? file = this.Check(number, previous);
            if (file is not null)
            {
                this.Newest = file;
                foreach (GrainHead head in HeadFile.ReadHeads(this.PathOf(number)))
                {
                    yield return head;
                }
            }

            before = number;
            previous = file;
        }
    }

    // Only a good file says what the next one has to name.
    private HeadFile? Check(long number, HeadFile? previous)
    {
        string? problem;
        try
        {
            HeadFile file = HeadFile.Read(this.PathOf(number), pepper);
            if (file.Header.Number == number && (number == 1 ? file.Header.Previous.Length == 0 : previous is null || file.Header.Previous == previous.Mac))
            {
                return file;
            }

            problem = "it is of another series, or another one, renamed.";
        }
        catch (Exception e) when (e is HeadFileException or IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }

        this.problems.Add($"{this.PathOf(number)} is not believed, {problem}");
        return null;
    }

    private string PathOf(long number) => Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{NameStart}{number:D8}{NameEnd}"));

    private static List<long> Numbers(string path)
    {
        if (!Directory.Exists(path))
        {
            return [];
        }

        List<long> numbers = [];
        foreach (string file in Directory.EnumerateFiles(path, NameStart + "*" + NameEnd))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file)[NameStart.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }
}
