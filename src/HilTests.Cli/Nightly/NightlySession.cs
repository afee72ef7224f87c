using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using HilTests.Nightly.Engines;
using HilTests.Nightly.History;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Morning;
using HilTests.Nightly.Nights;

namespace HilTests.Cli.Nightly;

/// <summary>One night: planned or taken up again, run, closed, and told.</summary>
/// <param name="settings">What was asked for.</param>
/// <param name="note">Told what happens.</param>
internal sealed class NightlySession(NightlySettings settings, Action<string> note)
{
    private const string Local = "local";

    /// <summary>Beside the guest's memory, for QEMU and everybody else, in MiB.</summary>
    private const int MemoryBesideMiB = 704;

    /// <summary>Lists what would be run.</summary>
    public int DryRun(Matrix matrix, TextWriter output)
    {
        var lab = LabFolder.LookAt(settings.Lab);
        var facts = Facts(lab);
        if (File.Exists(lab.HistoryFile))
        {
            using var history = HistoryFile.OpenForReading(lab.HistoryFile);
            facts = facts with { LastSeconds = history.LastSeconds() };
        }
        var shards = Planning.Shards(matrix, facts);
        DryRunText.Write(matrix, shards, IsLocal ? Jobs(settings.Said) : null, output);
        return ExitCode.Conforms;
    }

    /// <summary>Runs a night to its end.</summary>
    /// <returns>The exit code: 1 for a finding, 4 where shards failed on our own side or were never run, 130 where it was interrupted.</returns>
    public async Task<int> RunAsync(Matrix? matrix, string matrixText, bool resume, CancellationToken cancellation)
    {
        using var lab = LabFolder.Take(settings.Lab);
        // First of all: what cannot be kept in the morning need not be run at night.
        LabHistory.Open(lab, note).Dispose();
        var nights = lab.Nights();
        var open = nights.Count > 0 && !NightRecord.Read(nights[^1].Folder).IsClosed ? nights[^1].Folder : null;
        if (resume && open is null) throw new UsageException($"--resume: no night in {lab.Root} was left unfinished");
        if (!resume && open is not null)
        {
            await EndJobsAsync(open).ConfigureAwait(false);
            note($"the night {Path.GetFileName(open.Root)} was never finished; it is closed now, and what it has not run is MISS (--resume would have gone on with it)");
            Finish(lab, open, null);
        }
        var folder = resume ? open! : Begin(lab, matrix!, matrixText);
        var plan = folder.ReadPlan();
        var how = NightEngine.After(resume ? folder.ReadEngine() : new NightEngine { Engine = settings.Engine ?? Local }, settings.Engine, settings.Said);
        if (how.Engine == Local) await EndJobsAsync(folder).ConfigureAwait(false);
        folder.WriteEngine(how);
        note($"night {plan.Number}: {plan.Shards.Length} shards, engine {how.Engine}, {folder.Root}");
        try
        {
            await using var engine = Engine(folder, plan, how);
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
        using (var history = LabHistory.Open(lab, note)) facts = facts with { LastSeconds = history.LastSeconds() };
        var now = DateTimeOffset.Now;
        var shards = Planning.Shards(matrix, facts);
        var folder = lab.NewNight(facts.Night, now);
        folder.WritePlan(new NightPlan
        {
            Number = facts.Night,
            Started = now,
            Name = matrix.Name,
            Command = settings.Command,
            Engine = settings.Engine ?? Local,
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
        MostMemoryMiB = IsLocal ? (int)Math.Min(int.MaxValue, HostResources.Read().MemoryMiB - MemoryBesideMiB) : null,
    };

    private bool IsLocal => (settings.Engine ?? Local) == Local;

    private static int Jobs(NightEngine how) => how.Jobs ?? MachineCapacity.OfThisHost(new MachineOptions()).Machines;

    private SlurmOptions Cluster(NightEngine how) => settings.Cluster with { Partition = how.Partition };

    private IShardEngine Engine(NightFolder folder, NightPlan plan, NightEngine how) => how.Engine == Local
        ? new LocalEngine(folder, ShardCommand.Of(how, leashed: true), Math.Min(Jobs(how), Math.Max(1, plan.Shards.Length)))
        : new SlurmEngine(folder, ShardCommand.Of(how, leashed: false), Cluster(how), note);

    /// <summary>A coordinator that was killed left its jobs with the cluster: they end before the night is closed or run elsewhere, so that no result comes too late.</summary>
    private async Task EndJobsAsync(NightFolder folder) => await SlurmEngine.EndAsync(folder, Cluster(folder.ReadEngine()), note).ConfigureAwait(false);

    /// <summary>Closes the night, adds it to the history, and writes the morning's files.</summary>
    /// <returns>The exit code.</returns>
    private int Finish(LabFolder lab, NightFolder folder, TextWriter? output)
    {
        using (var journal = Journal.Open(folder.JournalFile))
        {
            if (journal.Entries.All(e => e.Event != JournalEvent.Closed)) journal.Append((JournalEvent.Closed, null, null));
        }
        var night = NightRecord.Read(folder);
        using var history = LabHistory.Open(lab, static _ => { });
        var report = MorningReport.Make(night, history);
        MorningFiles.Write(report, folder.Root);
        LatestLink.Move(Path.Combine(lab.Root, "latest"), folder.Root);
        note($"backup of the history: {HistoryFile.Backup(history, lab.HistoryFile)}");
        if (output is not null)
        {
            NightText.Write(night, output);
            output.WriteLine($"{report.Headline}\nthe page       {Path.Combine(folder.Root, "index.html")}");
        }
        return ExitCodeOf(report);
    }

    /// <summary>1 where a kernel or the judge was wrong and nobody expected it; 4 where something is not known.</summary>
    private static int ExitCodeOf(MorningReport report) =>
        report.News.Any(n => n.Counts) ? ExitCode.Finding
        : !report.Lost.IsEmpty ? ExitCode.Infrastructure
        : report.Night.Shards.Any(s => s.Result.Status == Status.Done) ? ExitCode.Inconclusive
        : ExitCode.Conforms;
}
