using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Running;

/// <summary>
/// Runs again what needs a second look, each time on a fresh machine of its own: once what was inconclusive, and what
/// diverged or crashed so often that it can be said how many times of how many it was seen. What was seen once stays seen.
/// </summary>
internal sealed class Repetition(RunSettings settings, RunMachines machines, RunLedger ledger, RunProgress progress)
{
    /// <summary>The console goes another way than the answer; it has been seen some milliseconds behind.</summary>
    private static readonly TimeSpan ConsoleLag = TimeSpan.FromMilliseconds(100);

    private int _losses;

    /// <summary>Looks through the programs of a run.</summary>
    public async Task RepeatAsync(IReadOnlyList<QueuedProgram> programs, CancellationToken cancellation)
    {
        var inconclusive = programs.Where(p => p.Result.Judgement?.Verdict is Verdict.Inconclusive).ToList();
        if (inconclusive.Count > 0) progress.Note($"running {inconclusive.Count} inconclusive programs again");
        await ForEachAsync(inconclusive, RetryAsync, cancellation).ConfigureAwait(false);

        var found = programs.Where(p => p.Result.Judgement?.Verdict is Verdict.Diverges or Verdict.Crashed).Take(SuiteSize.MostConfirmed).ToList();
        if (found.Count > 0) progress.Note($"running {found.Count} programs with findings again on fresh machines");
        await ForEachAsync(found, ConfirmAsync, cancellation).ConfigureAwait(false);
    }

    private Task ForEachAsync(List<QueuedProgram> programs, Func<QueuedProgram, CancellationToken, Task> work, CancellationToken cancellation) =>
        Parallel.ForEachAsync(programs, new ParallelOptions { MaxDegreeOfParallelism = settings.Jobs, CancellationToken = cancellation },
            async (program, token) => await work(program, token).ConfigureAwait(false));

    private async Task RetryAsync(QueuedProgram program, CancellationToken cancellation)
    {
        if (await RunAsync(program, cancellation).ConfigureAwait(false) is not { Judgement: not null } again) return;
        program.Result = again with { Console = program.Result.Console, Repeats = (IsFinding(again) ? 1 : 0, 2) };
    }

    private async Task ConfirmAsync(QueuedProgram program, CancellationToken cancellation)
    {
        var (seen, runs) = program.Result.Repeats.Runs > 0 ? program.Result.Repeats : (1, 1);
        program.Result = program.Result with { Repeats = (seen, runs) };
        for (var i = 0; i < SuiteSize.ConfirmingRuns; i++)
        {
            if (await RunAsync(program, cancellation).ConfigureAwait(false) is not { Judgement: not null } again) return;
            if (IsFinding(again)) seen++;
            runs++;
            program.Result = program.Result with { Repeats = (seen, runs) };
        }
    }

    private async Task<ProgramResult?> RunAsync(QueuedProgram program, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _losses) >= SuiteSize.MostLosses) return null;
        await using var slot = new MachineSlot(machines, LeaseKind.Fresh, ledger, settings.Strict);
        var lease = await slot.GetAsync(cancellation).ConfigureAwait(false);
        var reply = await lease.RunAsync(ProgramText.Print(program.Planned.Program), cancellation).ConfigureAwait(false);
        slot.Answered(program);
        var read = ReplyReader.Read(program.Planned, reply, machines.Profile, settings.Strict, program.FellSilent);
        if (read.IsMachineSpent) Interlocked.Increment(ref _losses);
        if (read.Infrastructure is { } failure) ledger.Fail(failure);
        await Task.Delay(ConsoleLag, cancellation).ConfigureAwait(false); // waits: for the console to catch up with the channel
        var console = ConsoleSlices.Of(lease.Machine.ConsoleText, 1).GetValueOrDefault(1, []);
        return ReplyReader.WithComplaints(program.Planned, read.Result, console, settings.Strict);
    }

    private static bool IsFinding(ProgramResult result) =>
        result.Judgement?.Verdict is Verdict.Diverges or Verdict.Crashed or Verdict.Hung;
}
