using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Running;

/// <summary>Runs programs once more, each on a machine of its own that nothing ran on before.</summary>
internal sealed class FreshRuns(RunSettings settings, RunMachines machines, RunLedger ledger)
{
    /// <summary>The console goes another way than the answer; it has been seen some milliseconds behind.</summary>
    private static readonly TimeSpan ConsoleLag = TimeSpan.FromMilliseconds(100);

    private int _losses;

    /// <summary>Whether so many machines were lost that it is of no use to go on.</summary>
    public bool IsGivenUp => Volatile.Read(ref _losses) >= SuiteSize.MostLosses;

    /// <summary>Whether machines can be booted that are no copies of a template.</summary>
    public bool HasCold => settings.Machine == MachineKind.Qemu && settings.ConfirmsCold;

    /// <summary>Runs a program.</summary>
    /// <param name="planned">the program</param>
    /// <param name="fellSilent">whether a machine fell silent with it before</param>
    /// <param name="cold">on a machine that is booted for it</param>
    /// <param name="cancellation">stops waiting</param>
    /// <param name="isTrial">whether it may be ill-formed: that the agent or the model cannot do it is then no failure of the run</param>
    /// <returns>how it went; null where too many machines were lost</returns>
    public async Task<ProgramResult?> RunAsync(PlannedProgram planned, bool fellSilent, bool cold, CancellationToken cancellation, bool isTrial = false)
    {
        if (IsGivenUp) return null;
        await using var slot = new MachineSlot(machines, LeaseKind.Fresh, ledger, settings.Strict, cold && HasCold);
        var lease = await slot.GetAsync(cancellation).ConfigureAwait(false);
        var program = new QueuedProgram(planned);
        var reply = await lease.RunAsync(ProgramText.Print(planned.Program), cancellation).ConfigureAwait(false);
        slot.Answered(program);
        var read = ReplyReader.Read(planned, reply, machines.Profile, settings.Strict, fellSilent);
        if (read is { IsMachineSpent: true, Infrastructure: not null }) Interlocked.Increment(ref _losses);
        if (!isTrial && read.Infrastructure is { } failure) ledger.Fail(failure);
        await Task.Delay(ConsoleLag, cancellation).ConfigureAwait(false); // waits: for the console to catch up with the channel
        var console = ConsoleSlices.Of(lease.Machine.ConsoleText, 1).GetValueOrDefault(1, []);
        return ReplyReader.WithComplaints(planned, read.Result with { Console = console }, console, settings.Strict);
    }
}
