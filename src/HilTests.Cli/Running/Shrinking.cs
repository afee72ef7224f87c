using System.Diagnostics;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Shrinking;
using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Running;

/// <summary>
/// Shrinks one program of each kind of finding, within the time of the run that is set aside for it. Candidates run on a
/// machine that is used again and again; the smallest one is confirmed on fresh machines.
/// </summary>
internal sealed class Shrinking(RunSettings settings, RunMachines machines, FreshRuns fresh, RunLedger ledger, RunProgress progress)
{
    /// <summary>Shrinks the shortest program of each kind; its result gets the counterexample.</summary>
    public async Task ShrinkAsync(IReadOnlyList<QueuedProgram> programs, CancellationToken cancellation)
    {
        if (settings.ShrinkTime <= TimeSpan.Zero) return;
        var kinds = programs
            .Where(p => p.Result.Judgement is { } judged && DivergenceClass.Of(judged.Verdict) is not null)
            .GroupBy(p => DivergenceClass.Of(p.Result.Judgement!.Verdict)!)
            .Select(g => (Kind: g.Key, Program: g.OrderByDescending(Reliability).ThenBy(p => p.Result.Program.Steps.Length).First()))
            .Take(SuiteSize.MostShrunk)
            .ToList();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < kinds.Count; i++)
        {
            var left = settings.ShrinkTime - Stopwatch.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || fresh.IsGivenUp) return;
            var share = left / (kinds.Count - i);
            var (kind, program) = kinds[i];
            progress.Note($"shrinking {program.Planned.Program.Name} ({kind.Word}{(kind.Key.Length > 0 ? $": {kind.Key}" : "")}) for at most {share.TotalSeconds:0} s");
            await ShrinkAsync(program, kind, share, cancellation).ConfigureAwait(false);
        }
    }

    private static double Reliability(QueuedProgram program) =>
        program.Result.Repeats is { Runs: > 0 } repeats ? (double)repeats.Seen / repeats.Runs : 0;

    private async Task ShrinkAsync(QueuedProgram program, DivergenceClass kind, TimeSpan limit, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var original = program.Planned.Program;
        var wrong = DivergenceClass.WrongStep(program.Result.Judgement!.Verdict);
        // What stands behind a step that hangs was never begun.
        var start = kind.Word == "hung" && wrong > 0 ? original with { Steps = original.Steps[..Math.Min(wrong, original.Steps.Length)] } : original;
        ShrinkOutcome outcome;
        await using (var slot = new MachineSlot(machines, LeaseKind.Shared, ledger, settings.Strict))
        {
            // A kernel warns only once in its life, and what died stays dead: a crash needs a machine for each candidate.
            Func<Program, CancellationToken, Task<bool>> shows = kind.Word == "crashed"
                ? async (candidate, token) => Is(await fresh.RunAsync(program.Planned with { Program = candidate }, program.FellSilent, false, token, isTrial: true).ConfigureAwait(false), kind)
                : (candidate, token) => ShowsAsync(slot, program, candidate, kind, token);
            // Candidates that show it by chance only would lead to a program that hardly ever does.
            var times = Reliability(program) < 1 ? 1 : SuiteSize.ShowsInARow;
            outcome = await new ProgramShrinker(limit).ShrinkAsync(start, wrong, (candidate, token) => InARowAsync(shows, candidate, times, token), cancellation).ConfigureAwait(false);
        }
        if (outcome.Program.Steps.SequenceEqual(original.Steps)) return;
        var small = outcome.Program with
        {
            Name = $"{original.Name}-shrunk",
            About = $"shrunk from {original.Name}",
        };
        if (await ConfirmAsync(program.Planned with { Program = small }, program.FellSilent, kind, cancellation).ConfigureAwait(false) is not (var fewest, { Trace: { } trace, Judgement: { } judgement })) return;
        program.Result = program.Result with
        {
            Counterexample = new Counterexample
            {
                Program = small,
                Trace = trace,
                Judgement = judgement,
                Tried = outcome.Tried,
                Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds,
                Ended = outcome.Ended,
                Fresh = fewest,
            },
        };
    }

    private static async Task<bool> InARowAsync(
        Func<Program, CancellationToken, Task<bool>> shows, Program candidate, int times, CancellationToken cancellation)
    {
        for (var i = 0; i < times; i++)
            if (!await shows(candidate, cancellation).ConfigureAwait(false)) return false;
        return true;
    }

    /// <summary>Whether a candidate shows the same. One that the agent or the model cannot do shows nothing.</summary>
    private async Task<bool> ShowsAsync(MachineSlot slot, QueuedProgram program, Program candidate, DivergenceClass kind, CancellationToken cancellation)
    {
        var lease = await slot.GetAsync(cancellation).ConfigureAwait(false);
        var planned = program.Planned with { Program = candidate };
        ReadReply read;
        try
        {
            var reply = await lease.RunAsync(ProgramText.Print(candidate), cancellation).ConfigureAwait(false);
            read = ReplyReader.Read(planned, reply, machines.Profile, settings.Strict, program.FellSilent);
        }
        catch (Exception e) when (e is MachineLostException or InfrastructureException)
        {
            await slot.DiscardAsync().ConfigureAwait(false);
            return false;
        }
        if (read.IsMachineSpent) await slot.DiscardAsync().ConfigureAwait(false);
        return Is(read.Result, kind);
    }

    private async Task<((int Seen, int Runs) Fresh, ProgramResult? Last)> ConfirmAsync(
        PlannedProgram planned, bool fellSilent, DivergenceClass kind, CancellationToken cancellation)
    {
        ProgramResult? last = null;
        var (seen, runs) = (0, 0);
        while (runs < (kind.Word == "hung" ? 1 : SuiteSize.ShrunkRuns))
        {
            if (await fresh.RunAsync(planned, fellSilent, cold: false, cancellation).ConfigureAwait(false) is not { Judgement: not null } result) break;
            runs++;
            if (Is(result, kind)) seen++;
            if (last is null || Is(result, kind)) last = result;
        }
        return ((seen, runs), last);
    }

    private static bool Is(ProgramResult? result, DivergenceClass kind) =>
        result?.Judgement is { } judgement && kind.Equals(DivergenceClass.Of(judgement.Verdict));
}
