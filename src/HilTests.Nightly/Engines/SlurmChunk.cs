using System.Globalization;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Nightly.Engines;

/// <summary>
/// An array job: shards that want the same of a node. Its list in the night's folder says which task is which shard, so that a later coordinator knows it too.
/// </summary>
/// <param name="Name">The job's name: no other job of the cluster has it.</param>
/// <param name="Shards">The shards' numbers, in the order of the tasks.</param>
internal sealed record SlurmChunk(string Name, IReadOnlyList<int> Shards)
{
    /// <summary>Where a night keeps its lists, scripts and the tasks' output.</summary>
    public static string Folder(NightFolder night) => Path.Combine(night.Root, "slurm");

    /// <summary>Every chunk that was ever submitted for a night.</summary>
    public static IReadOnlyList<SlurmChunk> All(NightFolder night) => Directory.Exists(Folder(night))
        ? [.. Directory.GetFiles(Folder(night), "*.list").Order(StringComparer.Ordinal)
            .Select(f => new SlurmChunk(Path.GetFileNameWithoutExtension(f), [.. File.ReadAllLines(f).Select(l => int.Parse(l, CultureInfo.InvariantCulture))]))]
        : [];

    /// <summary>The number behind the night's prefix: the next chunk's is higher than all of them.</summary>
    public int Number => int.TryParse(Name.Split('-')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Forgets a chunk that the cluster has not taken and never will.</summary>
    public void Delete(NightFolder night)
    {
        File.Delete(Path.Combine(Folder(night), Name + ".list"));
        File.Delete(Path.Combine(Folder(night), Name + ".sh"));
    }

    /// <summary>The last line that a task said; empty where it said nothing.</summary>
    public string LastWords(NightFolder night, int task)
    {
        try
        {
            var file = LogFile(night, task);
            return File.Exists(file) ? File.ReadLines(file).LastOrDefault(l => l.Trim().Length > 0)?.Trim() ?? "" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"(its log cannot be read: {e.Message})";
        }
    }

    /// <summary>Where a task's output goes.</summary>
    public string LogFile(NightFolder night, int task) => Path.Combine(Folder(night), $"{Name}-{task}.log");

    /// <summary>Writes list and script.</summary>
    /// <param name="night">The night.</param>
    /// <param name="command">The words of a shard's command.</param>
    /// <param name="mostRestarts">A task that the cluster has restarted more often gives up.</param>
    /// <returns>The script.</returns>
    public string Write(NightFolder night, IReadOnlyList<string> command, int mostRestarts)
    {
        var list = Path.Combine(Folder(night), Name + ".list");
        var script = Path.Combine(Folder(night), Name + ".sh");
        ResultFolder.WriteFile(script, writer =>
        {
            writer.WriteLine("#!/bin/sh");
            writer.WriteLine("# One task of an array: the line of the list that has its number is its shard.");
            writer.WriteLine($"number=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {Quoted(list)})");
            writer.WriteLine($"[ \"${{SLURM_RESTART_COUNT:-0}}\" -le {mostRestarts} ] || {{ echo \"restarted too often\"; exit 4; }}");
            writer.WriteLine($"exec {string.Join(' ', command.Select(Quoted))} {Quoted(night.Root)} \"$number\"");
        });
        ResultFolder.WriteFile(list, writer =>
        {
            foreach (var shard in Shards) writer.WriteLine(shard);
        });
        return script;
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''")}'";
}
