namespace HilTests.Lab.Machines;

/// <summary>What a machine is.</summary>
/// <param name="KernelRelease">As <c>uname -r</c> says.</param>
/// <param name="KernelPackage">Version of the kernel's package, "host" for this very machine.</param>
/// <param name="Accelerator">kvm, tcg, or none for this very machine.</param>
/// <param name="Cpus">Processors.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="AgentBuild">Hash of the sources the agent was made from.</param>
/// <param name="ModulesMissing">Modules that were wanted and that this kernel does not have or did not load; reason after a colon.</param>
/// <param name="BuildTime">Time spent on kernel, agent, image and the template of a clone before QEMU started.</param>
/// <param name="BootTime">From the start of QEMU (or of the child) to the agent's hello; of a clone, to its answer.</param>
public sealed record MachineFacts(
    string KernelRelease,
    string KernelPackage,
    string Accelerator,
    int Cpus,
    int MemoryMiB,
    string AgentBuild,
    IReadOnlyList<string> ModulesMissing,
    TimeSpan BuildTime,
    TimeSpan BootTime)
{
    /// <summary>On this very machine: the <c>srcversion</c> of each loaded module under test, by its name.</summary>
    public IReadOnlyDictionary<string, string> ModuleVersions { get; init; } = new Dictionary<string, string>();

    /// <summary><see cref="MachineStart.Cold"/> for a boot of its own, <see cref="MachineStart.Clone"/> for a copy; never Auto.</summary>
    public MachineStart Start { get; init; } = MachineStart.Cold;
}
