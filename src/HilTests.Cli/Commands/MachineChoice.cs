using System.CommandLine;
using HilTests.Cli.Running;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;

namespace HilTests.Cli.Commands;

/// <summary>The options that say what machine is wanted.</summary>
internal sealed class MachineChoice
{
    private readonly Option<string> _kernel = new("--kernel")
    {
        HelpName = "NAME",
        Description = "kernel to boot: a name of `hil kernels`, NAME/VERSION, or a path: a .deb, a bzImage or vmlinux " +
            "(PATH,modules=DIR where its modules lie elsewhere), a kernel tree that was built",
        DefaultValueFactory = _ => "bookworm",
    };

    private readonly Option<string> _machine = new("--machine")
    {
        HelpName = "qemu|local",
        Description = "where programs run: in a VM, or on this very machine with its own devices",
        DefaultValueFactory = _ => "qemu",
    };

    private readonly Option<string> _accel = new("--accel")
    {
        HelpName = "auto|kvm|tcg",
        Description = "how the VM executes; auto proves by a boot that KVM works before it trusts it",
        DefaultValueFactory = _ => "auto",
    };

    public MachineChoice()
    {
        _machine.AcceptOnlyFromAmong("qemu", "local");
        _accel.AcceptOnlyFromAmong("auto", "kvm", "tcg");
    }

    public void AddTo(Command command, bool withMachine = true)
    {
        command.Add(_kernel);
        if (withMachine) command.Add(_machine);
        command.Add(_accel);
    }

    /// <summary>Whether the user named a kernel.</summary>
    public bool IsKernelNamed(ParseResult parsed) => parsed.GetResult(_kernel) is { Implicit: false };

    /// <summary>The kernel asked for; checked, not fetched.</summary>
    /// <exception cref="UnknownKernelException">neither a known name nor a file</exception>
    public string Kernel(ParseResult parsed) => Known(parsed.GetValue(_kernel)!);

    /// <summary>Checks a kernel's name without fetching it.</summary>
    /// <exception cref="UnknownKernelException">neither a known name nor a file</exception>
    public static string Known(string name)
    {
        new KernelStore(KernelList.Load(SourceTree.Find()), CacheFolder.Default(), null).Check(name);
        return name;
    }

    public MachineKind Kind(ParseResult parsed) => parsed.GetValue(_machine) == "local" ? MachineKind.Local : MachineKind.Qemu;

    public AcceleratorChoice Accelerator(ParseResult parsed) => parsed.GetValue(_accel) switch
    {
        "kvm" => AcceleratorChoice.Kvm,
        "tcg" => AcceleratorChoice.Tcg,
        _ => AcceleratorChoice.Auto,
    };
}
