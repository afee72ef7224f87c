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
