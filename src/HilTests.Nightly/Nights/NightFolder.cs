using System.Text.Json;
using HilTests.Reporting;
using Mono.Unix.Native;

namespace HilTests.Nightly.Nights;

/// <summary>The folder of one night and the names of what is in it.</summary>
/// <param name="Root">An absolute path.</param>
public sealed record NightFolder(string Root)
{
    /// <summary>The clock that passing errors of the disk are waited for by.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    public string PlanFile => Path.Combine(Root, "plan.json");

    public string MatrixFile => Path.Combine(Root, "matrix.yaml");

    /// <summary>How it is run.</summary>
    public string EngineFile => Path.Combine(Root, "engine.json");

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

    /// <summary>How the night was run last; a night of an older version only says which engine it was planned for.</summary>
    /// <exception cref="NightException">The file is damaged.</exception>
    public NightEngine ReadEngine() => NightFiles.ReadEngine(EngineFile) ?? new NightEngine { Engine = ReadPlan().Engine };

    /// <summary>Keeps how the night is run, for the next coordinator.</summary>
    public void WriteEngine(NightEngine engine) => ResultFolder.WriteFile(EngineFile, writer => writer.Write(JsonSerializer.Serialize(engine, NightJson.Default.NightEngine)));

    /// <summary>Writes the plan; it must not be there.</summary>
    public void WritePlan(NightPlan plan, string matrixText)
    {
        Directory.CreateDirectory(ResultsFolder);
        ResultFolder.WriteFile(MatrixFile, writer => writer.Write(matrixText));
        ResultFolder.WriteFile(PlanFile, writer => writer.Write(JsonSerializer.Serialize(plan, NightJson.Default.NightPlan)));
    }

    /// <summary>A shard's result; null where there is none yet, or none that is whole.</summary>
    /// <exception cref="IOException">There is a file, and it cannot be read now.</exception>
    /// <exception cref="NightException">Another version wrote it.</exception>
    public ShardResult? Result(Shard shard) => NightFiles.ReadResult(ResultFile(shard), Time).Result;

    /// <summary>What the newest attempt left behind; null where it left nothing, whatever those before it said.</summary>
    /// <exception cref="IOException">There is a file, and it cannot be read now.</exception>
    public ShardResult? NewestAttempt(Shard shard) =>
        Attempts(shard) is > 0 and var attempt ? NightFiles.ReadResult(Path.Combine(ShardFolder(shard), $"attempt-{attempt}", "shard.json"), Time).Result : null;

    /// <summary>Whether nothing more is run.</summary>
    /// <exception cref="NightException">The journal is damaged.</exception>
    public bool IsClosed() => File.Exists(JournalFile) && Journal.Read(JournalFile).Any(e => e.Event == JournalEvent.Closed);

    /// <summary>How many attempts have begun.</summary>
    public int Attempts(Shard shard)
    {
        var attempts = 0;
        while (Directory.Exists(Path.Combine(ShardFolder(shard), $"attempt-{attempts + 1}"))) attempts++;
        return attempts;
    }

    /// <summary>Keeps what an attempt found, in its folder, and, where it is about the kernel, as the shard's result.</summary>
    /// <returns>Whether it is the shard's result: false where another attempt was first, or it says nothing about the kernel.</returns>
    /// <exception cref="IOException">Disk full and the like, and that did not pass.</exception>
    public bool Keep(Shard shard, ShardResult result)
    {
        if (result.Folder.Length > 0) Outlast(() => WriteAttempt(result));
        return result.IsFinal && Publish(shard, result);
    }

    /// <summary>Makes something the shard's result, unless there is one: written aside, brought to the disk, then linked, which fails where the name is taken.</summary>
    /// <returns>Whether it was the first.</returns>
    /// <exception cref="IOException">Disk full and the like, and that did not pass; or there is a result that cannot be read now.</exception>
    /// <exception cref="NightException">There is a result that another version wrote.</exception>
    public bool Publish(Shard shard, ShardResult result)
    {
        Directory.CreateDirectory(ResultsFolder);
        var file = ResultFile(shard);
        // Bytes that are no result are none; a bad disk made them, and they are kept under another name. One that only cannot be reached is not touched.
        if (NightFiles.ReadResult(file, Time).Damage is not null) File.Move(file, $"{file}.damaged-{Guid.NewGuid():N}");
        return Outlast(() => Link(shard, result, file));
    }

    private T Outlast<T>(Func<T> what) => PassingErrors.Outlast(Time, what);

    private bool WriteAttempt(ShardResult result)
    {
        ResultFolder.WriteFile(Path.Combine(Root, result.Folder, "shard.json"), writer => writer.Write(JsonSerializer.Serialize(result, NightJson.Default.ShardResult)));
        return true;
    }

    private bool Link(Shard shard, ShardResult result, string file)
    {
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
