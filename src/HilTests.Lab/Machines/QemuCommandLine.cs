using HilTests.Lab.Kernels;

namespace HilTests.Lab.Machines;

/// <summary>The arguments of QEMU for one machine. Every choice was timed; docs tell what each is worth.</summary>
internal static class QemuCommandLine
{
    public const string Program = "qemu-system-x86_64";
    public const string AgentSocket = "agent.sock";
    public const string MonitorSocket = "qmp.sock";
    public const string AgentPort = "hil.agent";

    // Parts of the kernel's start that cost time and that no test needs.
    private static readonly string[] BaseParameters =
    [
        "console=ttyS0", "quiet", "cryptomgr.notests", "no_timer_check", "random.trust_cpu=on", "lsm=,", "mitigations=off", "nokaslr",
        "initcall_blacklist=crypto_kdf108_init,load_system_certificate_list,init_encrypted,digsig_init,init_zswap",
    ];

    /// <param name="options">The machine.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="initramfs">Its first file system.</param>
    /// <param name="imageParameters">What the image adds to the kernel's command line.</param>
    /// <param name="accelerator">kvm or tcg.</param>
    /// <param name="folder">The work folder, where both sockets are.</param>
    public static IReadOnlyList<string> Build(
        MachineOptions options, KernelPackage kernel, string initramfs, IReadOnlyList<string> imageParameters, string accelerator, string folder)
    {
        var arguments = new List<string>
        {
            "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", $"q35,accel={accelerator}", "-bios", "qboot.rom", "-cpu", "max",
            "-smp", $"{options.Cpus}", "-m", $"{options.MemoryMiB}M",
            "-kernel", kernel.VmlinuxPvh, "-initrd", initramfs,
            "-append", string.Join(' ', KernelParameters(options, imageParameters)),
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", $"socket,id=qmp,path={folder}/{MonitorSocket}", "-mon", "chardev=qmp,mode=control",
            "-device", "virtio-serial-pci,max_ports=4",
            "-chardev", $"socket,id=agent,path={folder}/{AgentSocket}",
            "-device", $"virtserialport,chardev=agent,name={AgentPort}",
            "-device", "pvpanic-pci", "-device", "i6300esb",
            "-action", "panic=pause,watchdog=pause,reboot=shutdown",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        };
        for (int i = 0; i < options.Disks.Count; i++)
        {
            var disk = options.Disks[i];
            arguments.AddRange([
                "-drive", $"if=none,id=disk{i},file={disk.Path.Replace(",", ",,", StringComparison.Ordinal)},format={disk.Format}," +
                $"readonly={(disk.ReadOnly ? "on" : "off")},discard=unmap",
                "-device", $"virtio-blk-pci,drive=disk{i}",
            ]);
        }
        return arguments;
    }

    private static IEnumerable<string> KernelParameters(MachineOptions options, IReadOnlyList<string> imageParameters) =>
    [
        .. BaseParameters, .. imageParameters, .. options.ConsoleShell ? (string[])["hil.shell"] : [], .. options.KernelParameters,
    ];
}
