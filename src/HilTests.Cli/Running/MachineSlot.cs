using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Running;

/// <summary>A place for one machine: rents one when there is none, and another one after it was discarded.</summary>
/// <param name="machines">where machines come from</param>
/// <param name="kind">whether each must be one that nobody used</param>
/// <param name="ledger">keeps the consoles</param>
/// <param name="strict">whether known bugs count</param>
/// <param name="cold">whether each must have been booted for it</param>
internal sealed class MachineSlot(RunMachines machines, LeaseKind kind, RunLedger ledger, bool strict, bool cold = false) : IAsyncDisposable
{
    private readonly List<QueuedProgram> _answered = [];
    private Lease? _lease;

    /// <summary>The machine, rented if need be.</summary>
    /// <exception cref="InfrastructureException">none could be started, or it is not the kernel that was asked for</exception>
    public async Task<Lease> GetAsync(CancellationToken cancellation) =>
        _lease ??= await machines.RentAsync(kind, cancellation, cold).ConfigureAwait(false);

    /// <summary>Notes that the machine answered this program, so that it gets its share of the console.</summary>
    public void Answered(QueuedProgram program) => _answered.Add(program);

    /// <summary>
    /// Asks the machine for a last sign of life: a kernel that dies only after its last program has answered, of work
    /// that program put off, crashed all the same.
    /// </summary>
    /// <returns>whether it was dead; the last program is then judged as crashed</returns>
    public async Task<bool> DiedLateAsync(CancellationToken cancellation)
    {
        if (_lease is null or { IsSpent: true } || _answered.Count == 0) return false;
        try
        {
            await _lease.Machine.PingAsync(cancellation).ConfigureAwait(false);
            return false;
        }
        catch (MachineLostException e) when (e.Loss.Kind is MachineLossKind.Panic || e.Loss.IsDoubtful)
        {
            _lease.Fail($"{e.Loss.Kind}: {e.Loss.Title}");
            if (e.Loss.IsDoubtful)
            {
                ledger.Fail($"a machine was lost after its last program ({e.Loss.Kind}): {e.Loss.Title}");
                return true;
            }
            var last = _answered[^1];
            if (last.Result.Trace is { } trace)
                last.Result = ReplyReader.Judged(last.Planned, last.Result, ReplyReader.Died(trace, e.Loss), strict).Result;
            return true;
        }
    }

    /// <summary>Gives the machine up and keeps its console. Nobody else gets it: its programs are counted from its start.</summary>
    public async ValueTask DiscardAsync()
    {
        if (_lease is not { } lease) return;
        _lease = null;
        ledger.Keep(lease.Machine);
        foreach (var (number, lines) in ConsoleSlices.Of(lease.Machine.ConsoleText, _answered.Count))
        {
            if (number > _answered.Count || number < 1) continue;
            var program = _answered[number - 1];
            if (!program.Result.Console.IsEmpty) continue;
            program.Result = ReplyReader.WithComplaints(program.Planned, program.Result with { Console = lines }, lines, strict);
        }
        _answered.Clear();
        lease.Spend();
        await lease.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => DiscardAsync();
}
