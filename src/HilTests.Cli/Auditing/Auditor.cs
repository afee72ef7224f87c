using System.Diagnostics;
using System.Threading.Channels;
using HilTests.Cli.Running;
using HilTests.Lab;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;
using HilTests.Lab.Mutation;
using HilTests.Lab.Pool;
using HilTests.Reporting.Auditing;

namespace HilTests.Cli.Auditing;

/// <summary>
/// An audit of the judge: each mutant is built, its modules are swapped into a running machine, and programs are run until one is against it. The next
/// mutants are built meanwhile. Whatever happens, what was found so far becomes a result.
/// </summary>
internal sealed class Auditor(AuditSettings settings, IReadOnlyList<Mutant> mutants, Action<string> note)
{
    /// <summary>Mutants that are built ahead of the one that is tried.</summary>
    private const int Ahead = 2;

    /// <summary>How often a harmless one that was blamed is tried again with the same program.</summary>
    private const int Repeats = 2;

    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly AuditPrograms _programs = new(settings.Seed);
    private readonly List<AuditedMutant> _audited = [];
    private string _kernel = "unknown";
    private string? _accelerator;
    private int _machines;

    /// <summary>A mutant's modules, or why there are none.</summary>
    private sealed record Built(Mutant Mutant, BuiltModules? Modules, string Failure, TimeSpan Time);

    /// <summary>A program that is against a mutant, kept with its trace.</summary>
    public Action<Mutant, QueuedProgram> Keep { get; init; } = static (_, _) => { };

    /// <summary>Tries every mutant.</summary>
    /// <exception cref="Lab.Kernels.UnknownKernelException">no such kernel</exception>
    public async Task<AuditResult> RunAsync(CancellationToken cancellation)
    {
        var isInterrupted = false;
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var built = Channel.CreateBounded<Built>(Ahead);
        var building = Task.CompletedTask;
        try
        {
            await HostRequirements.EnsureAsync(note, cancellation).ConfigureAwait(false);
            var builder = await MutantBuilder.ForAsync(settings.Kernel, note, cancellation).ConfigureAwait(false);
            building = BuildAllAsync(builder, built.Writer, all.Token);
            await TryAllAsync(built.Reader, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            isInterrupted = true;
        }
        catch (Exception e) when (e is InfrastructureException or MachineLostException)
        {
            // What was found so far is kept; the rest was not tried, and says why.
            note(e.Message);
            foreach (var mutant in mutants.Skip(_audited.Count).ToList())
                _audited.Add(Describe(new Built(mutant, null, "", TimeSpan.Zero), new TrialOutcome { Infrastructure = e.Message }, null));
        }
        finally
        {
            await all.CancelAsync().ConfigureAwait(false);
            await building.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return new AuditResult
        {
            Started = _started,
            Command = settings.Command,
            Kernel = _kernel,
            Accelerator = _accelerator,
            Limit = settings.Limit,
            Seed = settings.Seed,
            Mutants = [.. _audited],
            Planned = mutants.Count,
            Interrupted = isInterrupted,
            Seconds = Stopwatch.GetElapsedTime(_begin).TotalSeconds,
            Machines = _machines,
        };
    }

    private async Task BuildAllAsync(MutantBuilder builder, ChannelWriter<Built> built, CancellationToken cancellation)
    {
        try
        {
            foreach (var mutant in mutants) await built.WriteAsync(await BuildAsync(builder, mutant, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            built.Complete();
        }
        catch (Exception e)
        {
            // Thrown again by whoever reads.
            built.Complete(e);
        }
    }

    private static async Task<Built> BuildAsync(MutantBuilder builder, Mutant mutant, CancellationToken cancellation)
    {
        var begin = Stopwatch.GetTimestamp();
        try
        {
            var modules = await builder.BuildAsync(mutant, cancellation).ConfigureAwait(false);
            return new Built(mutant, modules, "", Stopwatch.GetElapsedTime(begin));
        }
        catch (PatchException e)
        {
            return new Built(mutant, null, e.Message, Stopwatch.GetElapsedTime(begin));
        }
    }

    /// <summary>The machine that mutants are swapped into.</summary>
    internal static MachineOptions Options(AuditSettings settings, IReadOnlyList<ModuleOverride> additions)
    {
        var options = new MachineOptions { Kernel = settings.Kernel, Accelerator = settings.Accelerator, ModuleOverrides = additions, ConsoleMirror = settings.ConsoleMirror };
        return settings.MemoryMiB is { } memory ? options with { MemoryMiB = memory } : options;
    }

    private async Task TryAllAsync(ChannelReader<Built> built, CancellationToken cancellation)
    {
        // Only where they are wanted: modules that use others would have to make way for each of those.
        var additions = mutants.Any(m => m.Device == AsyncLinkModules.Device) ? await AsyncLinkModules.BuildAsync(settings.Kernel, note, cancellation).ConfigureAwait(false) : [];
        var options = Options(settings, additions) with { Progress = note };
        // The next copy is started while a mutant is tried.
        await using var pool = new MachinePool(PoolOptions.ForThisHost(options, jobs: 1) with { Progress = note, Spares = 1 });
        await using var machine = new ModuleMachine(pool, options);
        var facts = (await machine.GetAsync(cancellation).ConfigureAwait(false)).Machine.Facts;
        (_kernel, _accelerator) = (facts.KernelRelease, facts.Accelerator);
        try
        {
            await foreach (var next in built.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                var result = next.Modules is null ? Describe(next, new TrialOutcome { Infrastructure = next.Failure }, null) : await TryAsync(machine, next, cancellation).ConfigureAwait(false);
                _audited.Add(result);
                note($"{_audited.Count} of {mutants.Count}: {result.Name}: {AuditText.Words(result)}");
            }
        }
        finally
        {
            _machines = machine.Taken;
        }
    }

    private async Task<AuditedMutant> TryAsync(ModuleMachine machine, Built built, CancellationToken cancellation)
    {
        var modules = built.Modules!.ToOverrides();
        var outcome = await new ModuleTrial(machine, settings.Limit).RunAsync(modules, _programs.For(built.Mutant), cancellation).ConfigureAwait(false);
        (int, int)? repeats = null;
        if (outcome.Found is { } found)
        {
            Keep(built.Mutant, found);
            if (built.Mutant.IsHarmless) repeats = await RepeatAsync(machine, modules, found.Planned, cancellation).ConfigureAwait(false);
            else _programs.Caught(built.Mutant, found.Planned.Program);
        }
        return Describe(built, outcome, repeats);
    }

    private async Task<(int Seen, int Runs)> RepeatAsync(ModuleMachine machine, IReadOnlyList<ModuleOverride> modules, PlannedProgram program, CancellationToken cancellation)
    {
        var seen = 0;
        for (var run = 0; run < Repeats; run++)
        {
            await machine.DiscardAsync().ConfigureAwait(false);
            var outcome = await new ModuleTrial(machine, settings.Limit).RunAsync(modules, [program], cancellation).ConfigureAwait(false);
            if (outcome.Verdict.Length > 0) seen++;
        }
        return (seen, Repeats);
    }

    private static AuditedMutant Describe(Built built, TrialOutcome outcome, (int, int)? repeats) => new()
    {
        Device = built.Mutant.Device,
        Name = built.Mutant.Name,
        Origin = built.Mutant.Origin,
        IsHarmless = built.Mutant.IsHarmless,
        Description = built.Mutant.Target.Length > 0 ? $"{built.Mutant.Target}: {built.Mutant.Description}" : built.Mutant.Description,
        Equivalent = built.Mutant.Equivalent,
        Survives = built.Mutant.Survives,
        Fate = (outcome.Infrastructure, outcome.Verdict.Length > 0, built.Mutant.IsHarmless) switch
        {
            (_, true, false) => MutantFate.Caught,
            (_, true, true) => MutantFate.FalseAlarm,
            (not null, _, _) => MutantFate.NotTried,
            // On a kernel that does nothing wrong the agent has no excuse.
            (_, false, true) when outcome.Unrun is not null => MutantFate.NotTried,
            (_, false, true) => MutantFate.Conforms,
            _ => MutantFate.Survived,
        },
        Verdict = outcome.Verdict,
        Program = outcome.Found?.Planned.Program.Name ?? "",
        Rule = outcome.Rule,
        Detail = outcome.Infrastructure ?? (outcome.Detail.Length > 0 ? outcome.Detail : outcome.Unrun ?? ""),
        Programs = outcome.Programs,
        Inconclusive = outcome.Inconclusive,
        Claims = outcome.Claims,
        ExactClaims = outcome.ExactClaims,
        Seconds = outcome.Time.TotalSeconds,
        BuildSeconds = built.Time.TotalSeconds,
        SwapSeconds = outcome.SwapTime.TotalSeconds,
        Repeats = repeats,
    };
}
