using HilTests.Cli.Running;
using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Shrinking;
using HilTests.Lab.Machines;
using HilTests.Nightly.Bisecting;
using HilTests.Reporting;

namespace HilTests.Cli.Nightly;

/// <summary>What a bisection is asked to be.</summary>
/// <param name="Command">The command line, for the reports.</param>
/// <param name="Accelerator">How machines execute.</param>
/// <param name="Runs">How often a version has to conform to be called good.</param>
internal sealed record BisectSettings(string Command, AcceleratorChoice Accelerator, int Runs);

/// <summary>What one version said.</summary>
internal sealed record BisectStep(string Kernel, BisectAnswer Answer, string Words);

/// <summary>Tries one program on the versions of a kernel until the first bad one is found.</summary>
/// <param name="settings">What is asked for.</param>
/// <param name="program">The program.</param>
/// <param name="kernels">Names for <c>--kernel</c>, from the good one to the bad one.</param>
/// <param name="folder">Gets each run's results, a folder a version.</param>
/// <param name="note">Told what happens.</param>
internal sealed class KernelBisect(BisectSettings settings, Program program, IReadOnlyList<string> kernels, string folder, Action<string> note)
{
    private DivergenceClass? _wanted;

    /// <summary>Every version that was tried, in order.</summary>
    public List<BisectStep> Steps { get; } = [];

    /// <summary>How far it came; null until both ends were seen to be what they were said to be.</summary>
    public VersionBisection? Bisection { get; private set; }

    /// <summary>Told after each version.</summary>
    public Action<KernelBisect> Stepped { get; init; } = static _ => { };

    /// <summary>Tries a version once: its name, how often it was tried before, counted from 1. Null for a run in a VM.</summary>
    internal Func<string, int, CancellationToken, Task<BisectStep>>? Ask { get; init; }

    /// <summary>Runs it to its end: <see cref="Bisection"/> has it, or is null with the reason as the last step where an end is not what it was said to be.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted; what was found out before stays.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // What is looked for is what the bad end shows: another failure in between is another bug.
        if (await TryAsync(kernels.Count - 1, cancellation).ConfigureAwait(false) != BisectAnswer.Bad || await TryAsync(0, cancellation).ConfigureAwait(false) != BisectAnswer.Good) return;
        var bisection = Bisection = new VersionBisection(kernels.Count);
        while (bisection.Next() is { } next)
        {
            note($"{bisection.Untold.Count} versions left, about {bisection.StepsLeft} steps");
            bisection.Answer(next, await TryAsync(next, cancellation).ConfigureAwait(false));
            Stepped(this);
        }
    }

    private async Task<BisectAnswer> TryAsync(int version, CancellationToken cancellation)
    {
        note($"trying {kernels[version]}");
        var step = new BisectStep(kernels[version], BisectAnswer.Skip, "");
        for (var run = 1; run <= settings.Runs; run++)
        {
            step = await (Ask ?? AskAsync)(kernels[version], run, cancellation).ConfigureAwait(false);
            if (step.Answer != BisectAnswer.Good) break;
        }
        cancellation.ThrowIfCancellationRequested();
        Steps.Add(step);
        note($"{step.Kernel} is {step.Answer.ToString().ToLowerInvariant()}: {step.Words}");
        Stepped(this);
        return step.Answer;
    }

    private async Task<BisectStep> AskAsync(string kernel, int run, CancellationToken cancellation) => Judge(kernel, await RunAsync(kernel, run, cancellation).ConfigureAwait(false));

    private async Task<RunResult> RunAsync(string kernel, int run, CancellationToken cancellation)
    {
        // A bug that is known and fixed upstream has a first version too.
        var settingsOfRun = new RunSettings { Command = settings.Command, Kernel = kernel, Accelerator = settings.Accelerator, Strict = true };
        var result = await new RunSession(settingsOfRun, RunPlan.Of([program], [], seed: 0, generated: null, endless: false), new RunProgress { Note = note }).RunAsync(cancellation).ConfigureAwait(false);
        var kept = ResultFolder.Claim(Path.Combine(folder, $"{HilTests.Nightly.Nights.Planning.Safe(kernel)}-{run}"), settings.Command);
        result = result with { Folder = kept.Path };
        Output.RecordedRun.Write(kept.Path, result);
        kept.Write(result);
        return result;
    }

    private BisectStep Judge(string kernel, RunResult run)
    {
        var result = run.Programs.FirstOrDefault();
        if (result?.Skipped is { } lacks) return new BisectStep(kernel, BisectAnswer.Skip, $"the program cannot be run there: {lacks}");
        if (result?.Judgement?.Verdict is not { } verdict) return new BisectStep(kernel, BisectAnswer.Skip, run.Infrastructure ?? "it was not run");
        if (verdict is Verdict.Inconclusive inconclusive) return new BisectStep(kernel, BisectAnswer.Skip, $"inconclusive: {inconclusive.Why}");
        if (verdict is Verdict.Conforms) return run.Infrastructure is { } failed ? new BisectStep(kernel, BisectAnswer.Skip, failed) : new BisectStep(kernel, BisectAnswer.Good, "conforms");
        var words = ProgramOutcome.Of(run, result).Reason ?? verdict.Word;
        var shows = DivergenceClass.Of(verdict);
        _wanted ??= shows;
        return _wanted is not null && _wanted.Equals(shows)
            ? new BisectStep(kernel, BisectAnswer.Bad, words)
            : new BisectStep(kernel, BisectAnswer.Skip, $"it fails, but not in the way that is looked for: {words}");
    }
}
