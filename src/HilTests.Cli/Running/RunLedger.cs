using System.Collections.Immutable;
using System.Text;
using HilTests.Core.Kernel;
using HilTests.Core.Results;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using LabFacts = HilTests.Lab.Machines.MachineFacts;

namespace HilTests.Cli.Running;

/// <summary>What a run has learnt of its machines, shared by those who work on them.</summary>
internal sealed class RunLedger(RunSettings settings)
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _console = new();
    private LabFacts? _machine;
    private double? _slowdown;
    private int _machines;
    private int _losses;

    /// <summary>What went wrong first on our own side; null where nothing did.</summary>
    public string? Infrastructure { get; private set; }

    /// <summary>The machines that failed, in the order in which it was noticed.</summary>
    public ImmutableArray<MachineLossNote> LostMachines { get; private set; } = [];

    public KernelFacts? Kernel { get; private set; }

    public KernelProfile? Profile { get; private set; }

    /// <summary>How many machines were lost.</summary>
    public int Losses => Volatile.Read(ref _losses);

    public string Console
    {
        get
        {
            lock (_lock) return _console.ToString();
        }
    }

    /// <summary>Notes something that went wrong on our own side; the first one is kept.</summary>
    public void Fail(string what)
    {
        lock (_lock) Infrastructure ??= what;
    }

    /// <summary>Notes a machine that is up; the first one is what the reports tell of.</summary>
    public void Booted(LabFacts machine, KernelFacts kernel, KernelProfile profile, double? slowdown)
    {
        lock (_lock)
        {
            if (_machine is not null) return;
            _machine = machine;
            Kernel = kernel;
            _slowdown = slowdown;
            Profile = profile;
        }
    }

    /// <summary>Notes a machine that was lost.</summary>
    public void Lost() => Interlocked.Increment(ref _losses);

    /// <summary>Keeps the console of a machine that is done.</summary>
    public void Keep(IMachine machine)
    {
        lock (_lock)
        {
            var text = machine.ConsoleText;
            if (++_machines > 1 && text.Length > 0) _console.Append("=== machine ").Append(_machines).Append(" ===\n");
            _console.Append(text);
            if (text.Length > 0 && !text.EndsWith('\n')) _console.Append('\n');
            if (machine is QemuMachine { Lost.IsCompletedSuccessfully: true } lost)
                _console.Append("=== the last words with the monitor of machine ").Append(_machines).Append(", which was lost ===\n").Append(lost.MonitorLog);
        }
    }

    /// <summary>Keeps what is known of the machines that failed; the console of one that never came up too.</summary>
    public void Keep(IReadOnlyList<LostMachine> lost)
    {
        lock (_lock)
        {
            LostMachines = [.. lost.Select(l => new MachineLossNote(l.Number, l.Cause, l.Program))];
            foreach (var never in lost.Where(l => l.Facts is null))
                _console.Append("=== machine ").Append(never.Number).Append(", which did not start ===\n").Append(never.Console).Append('\n');
        }
    }

    /// <summary>The machine in the words of the reports.</summary>
    public Core.Results.MachineFacts Machine => new(
        settings.Machine == MachineKind.Qemu ? "qemu" : "local",
        _machine?.Accelerator ?? "none",
        _machine?.Cpus ?? 0,
        _machine?.MemoryMiB ?? 0,
        _slowdown);

    /// <summary>The kernel, or as much of it as is known where no machine came up.</summary>
    public KernelFacts KernelOrUnknown =>
        Kernel ?? new KernelFacts(settings.Kernel, "unknown", null, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Seconds that building and booting the first machine took.</summary>
    public (double Build, double Boot) Preparation => (_machine?.BuildTime.TotalSeconds ?? 0, _machine?.BootTime.TotalSeconds ?? 0);
}
