using System.Diagnostics;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Running;

/// <summary>What the programs said about one kernel.</summary>
internal sealed record TrialOutcome
{
    /// <summary>The program whose verdict was against it; null where none was, or where the kernel died without a program.</summary>
    public QueuedProgram? Found { get; set; }

    /// <summary>The verdict against it: <c>diverges</c>, <c>crashed</c>, <c>hung</c>; empty where there is none.</summary>
    public string Verdict { get; set; } = "";

    public string Rule { get; set; } = "";

    public string Detail { get; set; } = "";

    /// <summary>Why nothing is known; null where something is.</summary>
    public string? Infrastructure { get; set; }

    /// <summary>The first program that the agent could not run, and why; the others were run.</summary>
    public string? Unrun { get; set; }

    public int Programs { get; set; }

    public int Inconclusive { get; set; }

    public long Claims { get; set; }

    public long ExactClaims { get; set; }

    public TimeSpan Time { get; set; }

    public TimeSpan SwapTime { get; set; }

    /// <summary>Every program that was run and judged, in order.</summary>
    public List<QueuedProgram> Ran { get; } = [];

    /// <summary>Blames a program by its verdict.</summary>
    public void Blame(QueuedProgram program, Verdict verdict)
    {
        (Found, Verdict) = (program, verdict.Word);
        (Rule, Detail) = verdict switch
        {
            Verdict.Diverges { Discrepancy: var found } => (found.Rule.Id, $"step {found.Step} ({found.StepText}): {found.Field} was {found.Observed}, allowed {found.Allowed}"),
            Verdict.Crashed crashed => ("kernel.survives", $"step {crashed.Step}: {crashed.Title}"),
            Verdict.Hung hung => ("kernel.survives", $"step {hung.Step}: {hung.Where}"),
            _ => ("", ""),
        };
    }
}

/// <summary>Runs programs on a kernel with other modules until one is against it, or the time is up.</summary>
/// <param name="machine">Where; gets the modules first.</param>
/// <param name="limit">Device time; no program is begun later.</param>
internal sealed class ModuleTrial(ModuleMachine machine, TimeSpan limit)
{
    private readonly TrialOutcome _outcome = new();
    private long _begin;

    /// <summary>Whether the first program that is against the kernel ends the trial; otherwise only one that takes the machine with it.</summary>
    public bool StopsAtFinding { get; init; } = true;

    /// <summary>Called with the machine once the modules are loaded.</summary>
    public Func<Lease, CancellationToken, Task>? Loaded { get; init; }

    /// <summary>Called with the machine after the last program, where it lives.</summary>
    public Func<Lease, CancellationToken, Task>? Ended { get; init; }

    /// <summary>Tries the modules with programs, in their order.</summary>
    public async Task<TrialOutcome> RunAsync(IReadOnlyList<ModuleOverride> modules, IEnumerable<PlannedProgram> programs, CancellationToken cancellation)
    {
        using var source = programs.Select(p => new QueuedProgram(p)).GetEnumerator();
        QueuedProgram? again = null;
        _begin = Stopwatch.GetTimestamp();
        do
        {
            if (await SwapAsync(modules, cancellation).ConfigureAwait(false) is not { } profile) break;
            again = await FeedAsync(profile, source, again, cancellation).ConfigureAwait(false);
        }
        while (again is not null);
        if (_outcome.Infrastructure is null && (_outcome.Verdict.Length == 0 || !StopsAtFinding) && machine.IsAlive) await EndAsync(cancellation).ConfigureAwait(false);
        _outcome.Time = Stopwatch.GetElapsedTime(_begin) - _outcome.SwapTime;
        if (_outcome.Verdict.Length > 0 || _outcome.Infrastructure is not null) await machine.DiscardAsync().ConfigureAwait(false);
        return _outcome;
    }

    /// <summary>A module that does not even load, or kills the kernel as it does, is found out by that.</summary>
    private async Task<KernelProfile?> SwapAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation)
    {
        var begin = Stopwatch.GetTimestamp();
        try
        {
            return await LoadAsync(modules, isAgain: false, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _outcome.SwapTime += Stopwatch.GetElapsedTime(begin);
        }
    }

    /// <summary>A machine that only fell silent may have been starved: it is blamed on the module when a fresh one does so, too.</summary>
    private async Task<KernelProfile?> LoadAsync(IReadOnlyList<ModuleOverride> modules, bool isAgain, CancellationToken cancellation)
    {
        try
        {
            var (profile, refusal) = await machine.SwapAsync(modules, cancellation).ConfigureAwait(false);
            if (refusal is not null) (_outcome.Verdict, _outcome.Rule, _outcome.Detail) = ("crashed", "kernel.module-loads", $"{refusal}");
            else if (Loaded is not null) await Loaded(await machine.GetAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            return profile;
        }
        catch (MachineLostException e) when (e.Loss.IsDoubtful && !isAgain)
        {
            await machine.DiscardAsync().ConfigureAwait(false);
            return await LoadAsync(modules, isAgain: true, cancellation).ConfigureAwait(false);
        }
        catch (MachineLostException e)
        {
            if (e.Loss.Kind is MachineLossKind.Panic || e.Loss.IsDoubtful) (_outcome.Verdict, _outcome.Rule, _outcome.Detail) = ("crashed", "kernel.survives", $"as the module was loaded: {e.Loss.Title}");
            else _outcome.Infrastructure = e.Message;
            return null;
        }
    }

    /// <returns>the program to try once more on a fresh machine, since this one fell silent or stood still; null to go no further</returns>
    private async Task<QueuedProgram?> FeedAsync(KernelProfile profile, IEnumerator<QueuedProgram> source, QueuedProgram? first, CancellationToken cancellation)
    {
        var lease = await machine.GetAsync(cancellation).ConfigureAwait(false);
        var sent = new Queue<QueuedProgram>();
        await foreach (var reply in lease.RunManyAsync(Texts(profile, source, first, sent), cancellation).ConfigureAwait(false))
        {
            var program = sent.Dequeue();
            machine.Answered(program);
            if (!program.FellSilent && reply.Outcome is AgentOutcome.MachineLost { Cause.IsDoubtful: true })
            {
                program.FellSilent = true;
                await machine.DiscardAsync().ConfigureAwait(false);
                return program;
            }
            var read = ReplyReader.Read(program.Planned, reply, profile, strict: false, program.FellSilent);
            program.Result = read.Result;
            Count(program);
            // What the agent cannot do on a wrong kernel is no verdict, and no reason to leave the other programs out.
            if (read is { Infrastructure: { } unrun, IsMachineSpent: false }) _outcome.Unrun ??= unrun;
            else if (read.Infrastructure is { } failure) _outcome.Infrastructure = failure;
            if (_outcome.Infrastructure is not null || read.IsMachineSpent) return null;
            if (_outcome.Verdict.Length > 0 && StopsAtFinding) return null;
        }
        return null;
    }

    private IEnumerable<string> Texts(KernelProfile profile, IEnumerator<QueuedProgram> source, QueuedProgram? first, Queue<QueuedProgram> sent)
    {
        while (first is not null || (Stopwatch.GetElapsedTime(_begin) - _outcome.SwapTime < limit && source.MoveNext()))
        {
            var next = first ?? source.Current;
            first = null;
            if (next.Planned.Model.Lacks(profile, next.Planned.Program) is not null) continue;
            sent.Enqueue(next);
            yield return ProgramText.Print(next.Planned.Program);
        }
    }

    private void Count(QueuedProgram program)
    {
        if (program.Result.Judgement is not { } judgement) return;
        _outcome.Programs++;
        _outcome.Ran.Add(program);
        _outcome.Claims += judgement.Claims;
        _outcome.ExactClaims += judgement.ExactClaims;
        if (judgement.Verdict is Verdict.Inconclusive) _outcome.Inconclusive++;
        else if (judgement.Verdict is not Verdict.Conforms && _outcome.Verdict.Length == 0) _outcome.Blame(program, judgement.Verdict);
    }

    /// <summary>A kernel may die after its last program, or only have complained.</summary>
    private async Task EndAsync(CancellationToken cancellation)
    {
        var lease = await machine.GetAsync(cancellation).ConfigureAwait(false);
        try
        {
            await lease.Machine.PingAsync(cancellation).ConfigureAwait(false);
            if (Ended is not null) await Ended(lease, cancellation).ConfigureAwait(false);
        }
        catch (MachineLostException e)
        {
            if (e.Loss.Kind is MachineLossKind.Panic) (_outcome.Verdict, _outcome.Rule, _outcome.Detail) = ("crashed", "kernel.survives", $"after the last program: {e.Loss.Title}");
            else _outcome.Infrastructure = e.Message;
            return;
        }
        foreach (var program in machine.ReadConsole())
        {
            if (program.Result is { Complaints.IsEmpty: false, Judgement.Verdict: Verdict.Crashed crashed })
            {
                if (_outcome.Verdict.Length == 0) _outcome.Blame(program, crashed);
                if (StopsAtFinding) return;
            }
        }
    }
}
