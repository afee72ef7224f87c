using HilTests.Lab.Images;

namespace HilTests.Lab.Machines;

/// <summary>How a VM executes the guest's instructions.</summary>
public enum AcceleratorChoice
{
    /// <summary>KVM when a real boot under it works on this host, else TCG.</summary>
    Auto,

    /// <summary>The processor itself.</summary>
    Kvm,

    /// <summary>QEMU's translator: works everywhere, slower.</summary>
    Tcg,
}

/// <summary>How a VM comes to be.</summary>
public enum MachineStart
{
    /// <summary>A clone where one can be had, else a cold boot; why is told through <see cref="MachineOptions.Progress"/>.</summary>
    Auto,

    /// <summary>A boot of its own.</summary>
    Cold,

    /// <summary>A copy of a machine that was booted before; an error where none can be had.</summary>
    Clone,
}

/// <summary>A disk the guest sees as a virtio block device with the serial <c>hil-disk-N</c>, N counted from 0.</summary>
/// <param name="Path">A file or block device of this machine. A qcow2 file that rests on another one needs that to be readable by QEMU's user.</param>
/// <param name="Format">QEMU's name of the format: raw or qcow2.</param>
/// <param name="ReadOnly">The guest may not write.</param>
public sealed record DiskOptions(string Path, string Format = "raw", bool ReadOnly = false);

/// <summary>What machine is wanted.</summary>
public sealed record MachineOptions
{
    /// <summary>A name of vm-images/kernels.list or the path of a kernel package.</summary>
    public string Kernel { get; init; } = "bookworm";

    public AcceleratorChoice Accelerator { get; init; } = AcceleratorChoice.Auto;

    /// <summary>What <see cref="QemuMachine.StartAsync(MachineOptions, CancellationToken)"/> does; <see cref="QemuMachine.BootAsync(MachineOptions, CancellationToken)"/> always boots.</summary>
    public MachineStart Start { get; init; } = MachineStart.Auto;

    /// <summary>Virtual processors.</summary>
    public int Cpus { get; init; } = 2;

    /// <summary>Memory of the guest in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Modules to use in place of the packaged ones.</summary>
    public IReadOnlyList<ModuleOverride> ModuleOverrides { get; init; } = [];

    /// <summary>Further words of the kernel's command line.</summary>
    public IReadOnlyList<string> KernelParameters { get; init; } = [];

    /// <summary>Disks, four at most, in the order in which the guest names them: vda, vdb, …</summary>
    public IReadOnlyList<DiskOptions> Disks { get; init; } = [];

    /// <summary>Told in words what takes time.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>From the start of QEMU to the agent's hello; for a clone, to its answer.</summary>
    public TimeSpan BootDeadline { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long the agent may say nothing while it has work; then the machine is lost.</summary>
    public TimeSpan SilenceDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets a copy of the console as it comes.</summary>
    public TextWriter? ConsoleMirror { get; init; }

    /// <summary>Start a shell on the console; reach it through <see cref="QemuMachine.ConsoleInput"/>.</summary>
    public bool ConsoleShell { get; init; }

    /// <summary>On this very machine: the devices that are to be tested; their modules are loaded where they are missing.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];
}
