using HilTests.Cli.Running;
using HilTests.Core.Channel;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Triaging;

/// <summary>What a batch of programs came to on one side.</summary>
/// <param name="Ran">Programs with their results; those that were judged.</param>
/// <param name="LoadFailure">Why the modules are not loaded; null where they were.</param>
/// <param name="Infrastructure">What went wrong on our own side; null where nothing did.</param>
internal sealed record SideBatch(IReadOnlyList<QueuedProgram> Ran, string? LoadFailure, string? Infrastructure);

/// <summary>One side of the comparison: the modules without or with the patch, and the calls of watched functions.</summary>
internal sealed class ModuleSide(ModuleMachine machine, IReadOnlyList<ModuleOverride> modules, IReadOnlyList<WatchedFunction> watched)
{
    /// <summary>A batch is given up after so many machines were lost with it.</summary>
    private const int MostLosses = 3;

    private static readonly TimeSpan NoLimit = TimeSpan.FromHours(1);

    /// <summary>Calls of the watched functions so far; null for one that the kernel does not let watch.</summary>
    public Dictionary<WatchedFunction, long?> Calls { get; } = [];

    /// <summary>Loads the modules and runs the programs, each once; after one with which the machine was lost the rest on another.</summary>
    public async Task<SideBatch> RunAsync(IReadOnlyList<PlannedProgram> programs, CancellationToken cancellation)
    {
        var ran = new List<QueuedProgram>();
        var left = programs.ToList();
        for (var loss = 0; left.Count > 0 && loss < MostLosses; loss++)
        {
            var trial = new ModuleTrial(machine, NoLimit) { StopsAtFinding = false, Loaded = WatchAsync, Ended = CountAsync };
            var outcome = await trial.RunAsync(modules, left, cancellation).ConfigureAwait(false);
            ran.AddRange(outcome.Ran);
            if (outcome.Rule == "kernel.module-loads" || (outcome.Verdict.Length > 0 && outcome.Found is null && outcome.Ran.Count == 0)) return new SideBatch(ran, outcome.Detail, null);
            if (outcome.Infrastructure is { } broken) return new SideBatch(ran, null, broken);
            if (outcome.Verdict.Length > 0 && outcome.Found is null && ran.Count > 0) Blame(ran[^1], outcome);
            // Everything up to the program with which the machine was lost was answered.
            var last = outcome.Ran.Count > 0 ? left.FindIndex(p => ReferenceEquals(p, outcome.Ran[^1].Planned)) : left.Count - 1;
            left.RemoveRange(0, last + 1);
            if (left.Count > 0 && outcome.Verdict.Length == 0) break;
        }
        return new SideBatch(ran, null, null);
    }

    /// <summary>A kernel that dies after its last program died of what that put off.</summary>
    private static void Blame(QueuedProgram last, TrialOutcome outcome)
    {
        if (last.Result.Trace is { } trace) last.Result = ReplyReader.Judged(last.Planned, last.Result, trace.CrashedBy(outcome.Detail, []), strict: false).Result;
    }

    private async Task WatchAsync(Lease lease, CancellationToken cancellation)
    {
        if (watched.Count == 0 || lease.Machine is not QemuMachine qemu) return;
        foreach (var (function, count) in await qemu.WatchAsync(watched, cancellation).ConfigureAwait(false))
            if (count is not null || !Calls.ContainsKey(function)) Calls[function] = Calls.GetValueOrDefault(function) ?? count;
    }

    /// <summary>Nothing may be watched when the modules are taken away.</summary>
    private async Task CountAsync(Lease lease, CancellationToken cancellation)
    {
        if (watched.Count == 0 || lease.Machine is not QemuMachine qemu) return;
        foreach (var (function, count) in await qemu.CountCallsAsync(cancellation).ConfigureAwait(false))
            if (count is not null) Calls[function] = (Calls.GetValueOrDefault(function) ?? 0) + count;
        await qemu.WatchAsync([], cancellation).ConfigureAwait(false);
    }
}
