using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using HilTests.Nightly.Engines;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;

namespace HilTests.Cli.Nightly;

/// <summary>One night: planned or taken up again, run, closed, and told.</summary>
internal sealed class NightlySession(NightlySettings settings, Action<string> note)
{
    /// <summary>Beside the guest's memory, for QEMU and everybody else, in MiB.</summary>
    private const int MemoryBesideMiB = 704;

    /// <summary>Lists what would be run.</summary>
    public int DryRun(Matrix matrix, TextWriter output)
    {
        var shards = Planning.Shards(matrix, Facts(LabFolder.LookAt(settings.Lab)));
        var jobs = Jobs();
        DryRunText.Write(matrix, shards, settings.Engine == "local" ? jobs : null, output);
        return ExitCode.Conforms;
    }

    /// <summary>Runs a night to its end.</summary>
    /// <returns>The exit code: 1 for a finding, 4 where shards failed on our own side or were never run, 130 where it was interrupted.</returns>
    public async Task<int> RunAsync(Matrix? matrix, string matrixText, bool resume, CancellationToken cancellation)
    {
        using var lab = LabFolder.Take(settings.Lab);
        var nights = lab.Nights();
        var open = nights.Count > 0 && !NightRecord.Read(nights[^1].Folder).IsClosed ? nights[^1].Folder : null;
        if (resume && open is null) throw new UsageException($"--resume: no night in {lab.Root} was left unfinished");
        if (!resume && open is not null)
        {
            note($"the night {Path.GetFileName(open.Root)} was never finished; it is closed now, and what it has not run is MISS (--resume would have gone on with it)");
            Finish(lab, open, null);
        }
        var folder = resume ? open! : Begin(lab, matrix!, matrixText);
        var plan = folder.ReadPlan();
        note($"night {plan.Number}: {plan.Shards.Length} shards, {folder.Root}");
        try
        {
            await using var engine = Engine(folder, plan);
            await new NightRun(folder, plan, engine, note).RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            note($"interrupted; go on with: hil nightly --resume --lab {settings.Lab}");
            NightText.Write(NightRecord.Read(folder), Console.Out);
            return ExitCode.Interrupted;
        }
        return Finish(lab, folder, Console.Out);
    }

    private NightFolder Begin(LabFolder lab, Matrix matrix, string matrixText)
    {
        var facts = Facts(lab);
        var now = DateTimeOffset.Now;
        var shards = Planning.Shards(matrix, facts);
        var folder = lab.NewNight(facts.Night, now);
        folder.WritePlan(new NightPlan
        {
            Number = facts.Night,
            Started = now,
            Name = matrix.Name,
            Command = settings.Command,
            Engine = settings.Engine,
            Shards = shards,
            KnownBugs = matrix.KnownBugs,
            Owners = matrix.Owners,
            Nights = matrix.Nights,
            Origin = matrix.Origin,
        }, matrixText);
        using var journal = Journal.Open(folder.JournalFile);
        journal.Append((JournalEvent.Planned, null, $"{shards.Length} shards"));
        return folder;
    }

    private PlanningFacts Facts(LabFolder lab) => new()
    {
        Night = lab.Nights().Select(n => n.Number).LastOrDefault() + 1,
        MostMemoryMiB = settings.Engine == "local" ? (int)Math.Min(int.MaxValue, HostResources.Read().MemoryMiB - MemoryBesideMiB) : null,
    };

    private int Jobs() => settings.Jobs ?? MachineCapacity.OfThisHost(new MachineOptions()).Machines;

    private LocalEngine Engine(NightFolder folder, NightPlan plan) => settings.Engine switch
    {
        "local" => new LocalEngine(folder, ShardCommand.Of(settings, leashed: true), Math.Min(Jobs(), Math.Max(1, plan.Shards.Length))),
        _ => throw new UsageException($"--engine {settings.Engine} is not there"),
    };

    /// <summary>Closes the night.</summary>
    /// <returns>The exit code.</returns>
    private static int Finish(LabFolder lab, NightFolder folder, TextWriter? output)
    {
        using (var journal = Journal.Open(folder.JournalFile))
        {
            if (journal.Entries.All(e => e.Event != JournalEvent.Closed)) journal.Append((JournalEvent.Closed, null, null));
        }
        LatestLink.Move(Path.Combine(lab.Root, "latest"), folder.Root);
        var record = NightRecord.Read(folder);
        if (output is not null) NightText.Write(record, output);
        return record.Status switch
        {
            _ when record.Shards.Any(s => s.Result.Status == Status.Fail) => ExitCode.Finding,
            Status.Error or Status.Miss => ExitCode.Infrastructure,
            Status.Done => ExitCode.Inconclusive,
            _ => ExitCode.Conforms,
        };
    }
}
