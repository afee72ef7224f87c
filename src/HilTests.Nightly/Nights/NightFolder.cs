using System.Text.Json;
using HilTests.Reporting;
using Mono.Unix.Native;

namespace HilTests.Nightly.Nights;

/// <summary>The folder of one night and the names of what is in it.</summary>
/// <param name="Root">An absolute path.</param>
public sealed record NightFolder(string Root)
{
    public string PlanFile => Path.Combine(Root, "plan.json");

    public string MatrixFile => Path.Combine(Root, "matrix.yaml");

    public string JournalFile => Path.Combine(Root, "journal.jsonl");

    /// <summary>Where results about the kernel are: one file a shard.</summary>
    public string ResultsFolder => Path.Combine(Root, "results");

    /// <summary>The result of a shard.</summary>
    public string ResultFile(Shard shard) => Path.Combine(ResultsFolder, shard.Id + ".json");

    /// <summary>The files of a shard, a folder an attempt.</summary>
    public string ShardFolder(Shard shard) => Path.Combine(Root, "shards", shard.Id);

    /// <summary>What a shard's process said.</summary>
    public string LogFile(Shard shard) => Path.Combine(ShardFolder(shard), "shard.log");

    public NightPlan ReadPlan() => NightFiles.ReadPlan(PlanFile);

    /// <summary>Writes the plan; it must not be there.</summary>
    public void WritePlan(NightPlan plan, string matrixText)
    {
        Directory.CreateDirectory(ResultsFolder);
        ResultFolder.WriteFile(MatrixFile, writer => writer.Write(matrixText));
        ResultFolder.WriteFile(PlanFile, writer => writer.Write(JsonSerializer.Serialize(plan, NightJson.Default.NightPlan)));
    }

    /// <summary>A shard's result; null where there is none yet.</summary>
    public ShardResult? Result(Shard shard) => NightFiles.TryReadResult(ResultFile(shard));

    /// <summary>What the newest attempt left behind where there is no result; null where it left nothing.</summary>
    public ShardResult? LastAttempt(Shard shard)
    {
        var folder = ShardFolder(shard);
        for (var attempt = Attempts(shard); attempt > 0; attempt--)
            if (NightFiles.TryReadResult(Path.Combine(folder, $"attempt-{attempt}", "shard.json")) is { } result) return result;
        return null;
    }

    /// <summary>How many attempts have begun.</summary>
    public int Attempts(Shard shard)
    {
        var attempts = 0;
        while (Directory.Exists(Path.Combine(ShardFolder(shard), $"attempt-{attempts + 1}"))) attempts++;
        return attempts;
    }

    /// <summary>Keeps what an attempt found, in its folder, and, where it is about the kernel, as the shard's result.</summary>
    /// <returns>Whether it is the shard's result: false where another attempt was first, or it says nothing about the kernel.</returns>
    /// <exception cref="IOException">Disk full and the like.</exception>
    public bool Keep(Shard shard, ShardResult result)
    {
        if (result.Folder.Length > 0) ResultFolder.WriteFile(Path.Combine(Root, result.Folder, "shard.json"), writer => writer.Write(JsonSerializer.Serialize(result, NightJson.Default.ShardResult)));
        return result.IsFinal && Publish(shard, result);
    }

    /// <summary>Makes something the shard's result, unless there is one: written aside, brought to the disk, then linked, which fails where the name is taken.</summary>
    /// <returns>Whether it was the first.</returns>
    public bool Publish(Shard shard, ShardResult result)
    {
        Directory.CreateDirectory(ResultsFolder);
        var file = ResultFile(shard);
        // One that cannot be read is no result; a bad disk made it, and it is kept under another name.
        if (File.Exists(file) && Result(shard) is null) File.Move(file, $"{file}.damaged-{Guid.NewGuid():N}");
        var aside = Path.Combine(ResultsFolder, $".{shard.Id}.{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            using (var stream = new FileStream(aside, FileMode.CreateNew))
            {
                JsonSerializer.Serialize(stream, result, NightJson.Default.ShardResult);
                stream.Flush(flushToDisk: true);
            }
            if (Syscall.link(aside, file) == 0) return true;
            var error = Stdlib.GetLastError();
            return error == Errno.EEXIST ? false : throw new IOException($"{file}: link: {error}");
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
