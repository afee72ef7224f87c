using HilTests.Core.Judging;
using HilTests.Core.Results;
using HilTests.Core.Shrinking;

namespace HilTests.Cli.Running;

/// <summary>
/// Runs again what needs a second look, each time on a fresh machine of its own: once what was inconclusive, and what
/// diverged or crashed so often that it can be said how many times of how many it was seen. What was seen once stays seen.
/// One program of each kind of finding is confirmed on a machine that is booted for it: the others are copies of one
/// template, and something wrong in that would be seen in all of them.
/// </summary>
internal sealed class Repetition(RunSettings settings, FreshRuns fresh, RunProgress progress)
{
    /// <summary>Looks through the programs of a run.</summary>
    public async Task RepeatAsync(IReadOnlyList<QueuedProgram> programs, CancellationToken cancellation)
    {
        var inconclusive = programs.Where(p => p.Result.Judgement?.Verdict is Verdict.Inconclusive).ToList();
        if (inconclusive.Count > 0) progress.Note($"running {inconclusive.Count} inconclusive programs again");
        await ForEachAsync(inconclusive, RetryAsync, cancellation).ConfigureAwait(false);

        // One of each kind first.
        var kinds = programs.Where(p => p.Result.Judgement?.Verdict is Verdict.Diverges or Verdict.Crashed).GroupBy(p => DivergenceClass.Of(p.Result.Judgement!.Verdict)).ToList();
        var found = kinds.SelectMany(g => g.Select((program, i) => (program, i))).OrderBy(p => p.i).Take(SuiteSize.MostConfirmed).Select(p => p.program).ToList();
        if (found.Count > 0) progress.Note($"running {found.Count} programs with findings again on fresh machines");
        var cold = kinds.Select(g => g.First()).Take(SuiteSize.MostConfirmedCold).ToHashSet();
        await ForEachAsync(found, (program, token) => ConfirmAsync(program, cold.Contains(program) && fresh.HasCold, token), cancellation).ConfigureAwait(false);
    }

    private Task ForEachAsync(List<QueuedProgram> programs, Func<QueuedProgram, CancellationToken, Task> work, CancellationToken cancellation) =>
        Parallel.ForEachAsync(programs, new ParallelOptions { MaxDegreeOfParallelism = settings.Jobs, CancellationToken = cancellation },
            async (program, token) => await work(program, token).ConfigureAwait(false));

    private async Task RetryAsync(QueuedProgram program, CancellationToken cancellation)
    {
        if (await RunAsync(program, cold: false, cancellation).ConfigureAwait(false) is not { Judgement: not null } again) return;
        program.Result = again with { Console = program.Result.Console, Repeats = (IsFinding(again) ? 1 : 0, 2) };
    }

    private async Task ConfirmAsync(QueuedProgram program, bool cold, CancellationToken cancellation)
    {
        var (seen, runs) = program.Result.Repeats.Runs > 0 ? program.Result.Repeats : (1, 1);
        program.Result = program.Result with { Repeats = (seen, runs) };
        for (var i = 0; i < SuiteSize.ConfirmingRuns; i++)
        {
            var isCold = cold && i == 0;
            if (await RunAsync(program, isCold, cancellation).ConfigureAwait(false) is not { Judgement: not null } again) return;
            if (IsFinding(again)) seen++;
            runs++;
            program.Result = program.Result with { Repeats = (seen, runs), SeenCold = isCold ? IsFinding(again) : program.Result.SeenCold };
        }
    }

    private Task<ProgramResult?> RunAsync(QueuedProgram program, bool cold, CancellationToken cancellation) =>
        fresh.RunAsync(program.Planned, program.FellSilent, cold, cancellation);

    private static bool IsFinding(ProgramResult result) =>
        result.Judgement?.Verdict is Verdict.Diverges or Verdict.Crashed or Verdict.Hung;
}
