using HilTests.Core.Kernel;
using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.Cli.Running;

/// <summary>A place for one machine: starts one when there is none, and a fresh one after it was discarded.</summary>
internal sealed class MachineSlot(RunSettings settings, IReadOnlyList<DeviceSuite> suites, RunLedger ledger, RunProgress progress) : IAsyncDisposable
{
    private readonly List<QueuedProgram> _answered = [];
    private IMachine? _machine;

    /// <summary>The kernel the machine was found to run.</summary>
    public KernelProfile Profile { get; private set; } = KernelProfile.Of();

    /// <summary>The machine, started and probed if need be.</summary>
    /// <exception cref="InfrastructureException">it could not be started, or is not the kernel that was asked for</exception>
    public async Task<IMachine> GetAsync(CancellationToken cancellation)
    {
        if (_machine is not null) return _machine;
        var machine = await StartAsync(cancellation).ConfigureAwait(false);
        try
        {
            var facts = await KernelRecord.DescribeAsync(settings, machine.Facts, suites, cancellation).ConfigureAwait(false);
            if (settings.Expected?.Difference(facts) is { } difference)
                throw new InfrastructureException($"this is not the kernel of the recorded program: {difference}; name a kernel with --kernel to run it there all the same");
            Profile = KernelProfile.Parse((await machine.ProbeAsync(cancellation).ConfigureAwait(false)).Trim());
            ledger.Booted(machine.Facts, facts, Profile);
            return _machine = machine;
        }
        catch
        {
            ledger.Keep(machine);
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Notes that the machine answered this program, so that it gets its share of the console.</summary>
    public void Answered(QueuedProgram program) => _answered.Add(program);

    /// <summary>
    /// Asks the machine for a last sign of life: a kernel that dies only after its last program has answered, of work
    /// that program put off, crashed all the same.
    /// </summary>
    /// <returns>whether it was dead; the last program is then judged as crashed</returns>
    public async Task<bool> DiedLateAsync(bool strict, CancellationToken cancellation)
    {
        if (_machine is null || _answered.Count == 0) return false;
        try
        {
            await _machine.PingAsync(cancellation).ConfigureAwait(false);
            return false;
        }
        catch (MachineLostException e) when (e.Loss.Kind is MachineLossKind.Panic or MachineLossKind.Watchdog)
        {
            var last = _answered[^1];
            if (last.Result.Trace is { } trace)
                last.Result = ReplyReader.Judged(last.Planned, last.Result, trace, e.Loss.Title, strict).Result;
            return true;
        }
    }

    /// <summary>Switches the machine off and keeps its console.</summary>
    public async ValueTask DiscardAsync()
    {
        if (_machine is null) return;
        var machine = _machine;
        _machine = null;
        ledger.Keep(machine);
        foreach (var (number, lines) in ConsoleSlices.Of(machine.ConsoleText, _answered.Count))
        {
            if (number > _answered.Count || number < 1) continue;
            var program = _answered[number - 1];
            if (program.Result.Console.IsEmpty) program.Result = program.Result with { Console = lines };
        }
        _answered.Clear();
        await machine.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => DiscardAsync();

    private async Task<IMachine> StartAsync(CancellationToken cancellation)
    {
        var options = new MachineOptions
        {
            Kernel = settings.Kernel,
            Accelerator = settings.Accelerator,
            Progress = progress.Note,
            ConsoleMirror = settings.ConsoleMirror,
        };
        return settings.Machine == MachineKind.Local
            ? await LocalMachine.StartAsync(options, cancellation).ConfigureAwait(false)
            : await QemuMachine.BootAsync(options, cancellation).ConfigureAwait(false);
    }
}
