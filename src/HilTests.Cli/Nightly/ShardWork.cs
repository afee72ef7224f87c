using System.Collections.Immutable;
using HilTests.Cli.Auditing;
using HilTests.Cli.Running;
using HilTests.Core.Results;
using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;
using HilTests.Lab.Mutation;
using HilTests.Lab.Patches;
using HilTests.Models;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Cli.Nightly;

/// <summary>Does what one shard says, as <c>hil run</c> and <c>hil audit</c> would, and leaves its result in the night's folder.</summary>
/// <param name="night">The night.</param>
/// <param name="shard">The shard.</param>
/// <param name="note">Told what takes time.</param>
internal sealed class ShardWork(NightFolder night, Shard shard, Action<string> note)
{
    /// <summary>How long findings may be made smaller, all of a shard together.</summary>
    private static readonly TimeSpan ShrinkTime = TimeSpan.FromSeconds(30);

    private readonly string _command = $"hil nightly shard {night.Root} {shard.Number}";

    /// <summary>Runs the shard, unless it has a result already.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="IOException">The night's folder cannot be written.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (night.Result(shard) is { } earlier)
        {
            note($"{shard.Id} has a result already: {earlier.Verdict}");
            return ExitCode.Conforms;
        }
        if (night.IsClosed())
        {
            note($"{shard.Id}: the night is closed: nothing more is run");
            return ExitCode.Infrastructure;
        }
        var (folder, attempt) = Claim();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(TimeSpan.FromSeconds(shard.LimitSeconds));
        var result = await TryAsync(folder, attempt, limited.Token).ConfigureAwait(false);
        if (result.Status == Status.Error && limited.IsCancellationRequested && !cancellation.IsCancellationRequested)
            result = result with { Verdict = "infrastructure", Cause = $"its limit of {shard.LimitSeconds:0} s was up" };
        night.Keep(shard, result with { Attempt = attempt, Folder = Path.GetRelativePath(night.Root, folder.Path) });
        note($"{shard.Id}: {result.Verdict}{(result.Cause is { } cause ? $": {cause}" : "")}");
        return result.Status switch
        {
            Status.Fail => ExitCode.Finding,
            Status.Error or Status.Miss => cancellation.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Infrastructure,
            Status.Done => ExitCode.Inconclusive,
            _ => ExitCode.Conforms,
        };
    }

    private async Task<ShardResult> TryAsync(ResultFolder folder, int attempt, CancellationToken cancellation)
    {
        try
        {
            return shard.Kind == ShardKind.Audit ? await AuditAsync(folder, cancellation).ConfigureAwait(false) : await SuiteAsync(folder, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is PatchException or PatchInputException)
        {
            var result = Failed($"the carried patches ({string.Join(", ", shard.Patches)}) cannot be used: {e.Message}");
            // They are the same tomorrow; a disk or a server of files that is away for a moment is not.
            if (e.InnerException is null or FileNotFoundException or DirectoryNotFoundException) night.Publish(shard, result with { Attempt = attempt });
            return result;
        }
        catch (Exception e) when (e is InfrastructureException or MachineLostException or Lab.Kernels.UnknownKernelException)
        {
            return Failed(e.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Failed("interrupted");
        }
    }

    /// <summary>Takes the first attempt's folder that is free; two processes of one shard get two.</summary>
    private (ResultFolder Folder, int Attempt) Claim()
    {
        for (var attempt = night.Attempts(shard) + 1; ; attempt++)
        {
            var path = Path.Combine(night.ShardFolder(shard), $"attempt-{attempt}");
            try
            {
                return (ResultFolder.Claim(path, _command), attempt);
            }
            catch (IOException) when (File.Exists(Path.Combine(path, ArchiveNames.CommandFile)))
            {
                // Somebody else took it just now.
            }
        }
    }

    private ShardResult Failed(string cause) => new()
    {
        Shard = shard.Id,
        Attempt = 0,
        Status = Status.Error,
        Verdict = "infrastructure",
        Cause = cause,
        Node = Environment.MachineName,
        Started = DateTimeOffset.Now,
    };

    private static AcceleratorChoice Chosen(Shard shard) => shard.Accelerator switch
    {
        "kvm" => AcceleratorChoice.Kvm,
        "tcg" => AcceleratorChoice.Tcg,
        _ => AcceleratorChoice.Auto,
    };

    private async Task<ShardResult> SuiteAsync(ResultFolder folder, CancellationToken cancellation)
    {
        var carried = await CarriedPatches.BuildAsync(shard.Kernel, shard.Patches, note, cancellation).ConfigureAwait(false);
        var time = shard.TimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var settings = new RunSettings
        {
            Command = _command,
            Kernel = shard.Kernel,
            Accelerator = Chosen(shard),
            MemoryMiB = shard.MemoryMiB,
            Time = time,
            Seed = shard.Seed,
            ShrinkTime = ShrinkTime,
            SwappedModules = carried.Modules,
            // Another kernel's modules cannot be in a machine that is booted for one program.
            ConfirmsCold = carried.Modules.IsEmpty,
        };
        var plan = RunPlan.Of([], [shard.Device], shard.Seed, shard.Programs, endless: time is not null);
        RunResult run = await new RunSession(settings, plan, new RunProgress { Note = note }).RunAsync(cancellation).ConfigureAwait(false);
        run = run with { Folder = folder.Path };
        foreach (var module in carried.Modules) Keep(folder.Path, module.Path);
        Output.RecordedRun.Write(folder.Path, run);
        folder.Write(run);
        return ShardReport.Of(shard, run with { Origin = run.Origin with { Commit = ProjectCommit.Find() } }, Comparable(run), carried.Hash);
    }

    /// <summary>Programs that are the same each night: those written by hand, and those of a seed that stays.</summary>
    private HashSet<string> Comparable(RunResult run) =>
        shard.IsTonight ? [.. ModelRegistry.Get(shard.Device).HandWritten.Select(p => p.Name)] : [.. run.Programs.Select(p => p.Program.Name)];

    private static void Keep(string folder, string module)
    {
        var into = Directory.CreateDirectory(Output.RecordedRun.PatchedFolder(folder)).FullName;
        File.Copy(module, Path.Combine(into, Path.GetFileName(module)), overwrite: true);
    }

    /// <summary>What an audit's shard asks for.</summary>
    internal static AuditSettings Audit(Shard shard, string command) => new()
    {
        Command = command,
        Kernel = shard.Kernel,
        Accelerator = Chosen(shard),
        MemoryMiB = shard.MemoryMiB,
        Limit = TimeSpan.FromSeconds(shard.TimeSeconds ?? 20),
        Seed = shard.Seed,
    };

    private async Task<ShardResult> AuditAsync(ResultFolder folder, CancellationToken cancellation)
    {
        var mutants = InTurn(MutantSet.Read(MutantSet.Folder(SourceTree.Find()), shard.Device), shard.Turn, shard.Programs ?? 10);
        var audit = await new Auditor(Audit(shard, _command), mutants, note) { Keep = (mutant, program) => Commands.AuditCommand.Archive(folder.Path, mutant, program) }.RunAsync(cancellation).ConfigureAwait(false);
        Commands.AuditCommand.WriteReports(audit, folder.Path);
        return ShardReport.Of(shard, audit, ProjectCommit.Find());
    }

    /// <summary>So many a night, going round: after enough nights each was tried as often as any other.</summary>
    internal static ImmutableArray<Mutant> InTurn(ImmutableArray<Mutant> all, int turn, int count) =>
        all.IsEmpty ? [] : [.. Enumerable.Range(0, Math.Min(count, all.Length)).Select(i => all[(int)((((long)turn * count) + i) % all.Length)])];
}
