using HilTests.Lab.Images;
using HilTests.Lab.Machines;

namespace HilTests.Cli.Running;

/// <summary>Where programs run.</summary>
internal enum MachineKind
{
    /// <summary>In a VM of our own.</summary>
    Qemu,

    /// <summary>On this very machine, with its own devices.</summary>
    Local,
}

/// <summary>What a run is asked to be.</summary>
internal sealed record RunSettings
{
    /// <summary>The command line, for the reports.</summary>
    public required string Command { get; init; }

    /// <summary>A known kernel's name, or the path of a kernel package.</summary>
    public string Kernel { get; init; } = "bookworm";

    public MachineKind Machine { get; init; } = MachineKind.Qemu;

    public AcceleratorChoice Accelerator { get; init; } = AcceleratorChoice.Auto;

    /// <summary>Memory of each machine in MiB; null for what machines have by default.</summary>
    public int? MemoryMiB { get; init; }

    /// <summary>How many machines work at once; at least 1.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Every program gets a machine of its own that nothing ran on before.</summary>
    public bool Fresh { get; init; }

    /// <summary>No program is begun after this much time of running; null where only the programs count.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Known bugs count like any other divergence.</summary>
    public bool Strict { get; init; }

    /// <summary>The seed of the generated programs; null where none are planned.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How long findings may be shrunk, all of a run together; zero for not at all.</summary>
    public TimeSpan ShrinkTime { get; init; }

    /// <summary>Modules to test in place of those of the kernel's package.</summary>
    public IReadOnlyList<ModuleOverride> ModuleOverrides { get; init; } = [];

    /// <summary>Modules that are put in the place of the machine's own once it is up; none for its own.</summary>
    public IReadOnlyList<ModuleOverride> SwappedModules { get; init; } = [];

    /// <summary>Whether findings are also confirmed on a machine that is booted for it, no copy of a template.</summary>
    public bool ConfirmsCold { get; init; } = true;

    /// <summary>Gets the console of every machine as it comes; null for none.</summary>
    public TextWriter? ConsoleMirror { get; init; }

    /// <summary>What must be true of the kernel, found when a recorded program is run again; null where any will do.</summary>
    public KernelRecord? Expected { get; init; }

    /// <summary>Devices that nobody named and that cannot be tested on this very machine, with the reason.</summary>
    public IReadOnlyDictionary<string, string> LeftOut { get; init; } = new Dictionary<string, string>();
}
