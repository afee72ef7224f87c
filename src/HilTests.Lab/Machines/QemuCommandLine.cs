using HilTests.Lab.Kernels;
using Mono.Unix.Native;

namespace HilTests.Lab.Machines;

/// <summary>A file that QEMU gets open, since its own user may not reach it by its path.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Writable">Opened for reading and writing; else for reading.</param>
/// <param name="Reopened">QEMU opens it once more through the descriptor, so the file's own mode has to let it.</param>
internal sealed record PassedFile(string Path, bool Writable = false, bool Reopened = false);

/// <summary>How to start QEMU.</summary>
/// <param name="Arguments">Its arguments; files are named by descriptor.</param>
/// <param name="Files">The open files: the first is descriptor <see cref="FirstDescriptor"/>, and so on.</param>
internal sealed record QemuCommand(IReadOnlyList<string> Arguments, IReadOnlyList<PassedFile> Files)
{
    /// <summary>Below it are standard input, output and error.</summary>
    public const int FirstDescriptor = 3;

    /// <summary>A shell's descriptors have one digit.</summary>
    public const int MostFiles = 7;
}

/// <summary>
/// The arguments of QEMU for one machine: for one that boots, for one that boots to be copied, for a copy. The hardware
/// is the same in all three, or a copy could not go on where its template stopped. Every choice was timed; docs tell
/// what each is worth.
/// </summary>
internal sealed class QemuCommandLine
{
    public const string Program = "qemu-system-x86_64";
    public const string Firmware = "qboot.rom";
    public const string AgentSocket = "agent.sock";
    public const string MonitorSocket = "qmp.sock";
    public const string AgentPort = "hil.agent";

    /// <summary>How many disks a machine may have: one for each root port.</summary>
    public const int MostDisks = 4;

    // Parts of the kernel's start that cost time and that no test needs.
    private static readonly string[] BaseParameters =
    [
        "console=ttyS0", "quiet", "cryptomgr.notests", "no_timer_check", "random.trust_cpu=on", "lsm=,", "mitigations=off", "nokaslr",
        "initcall_blacklist=crypto_kdf108_init,load_system_certificate_list,init_encrypted,digsig_init,init_zswap",
    ];

    private readonly List<string> _arguments = [];
    private readonly List<PassedFile> _files = [];

    private QemuCommandLine() { }

    /// <summary>A machine that boots.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="initramfs">Its first file system.</param>
    /// <param name="imageParameters">What the image adds to the kernel's command line.</param>
    /// <param name="accelerator">kvm or tcg.</param>
    /// <param name="folder">The work folder, where both sockets are.</param>
    public static QemuCommand Boot(
        MachineOptions options, KernelPackage kernel, string initramfs, IReadOnlyList<string> imageParameters, string accelerator, string folder)
    {
        var line = new QemuCommandLine();
        line.Add("-machine", $"q35,accel={accelerator}");
        line.Hardware(options, folder);
        line.Kernel(options, kernel, initramfs, imageParameters);
        line.Disks(options, plugged: true);
        return line.Built();
    }

    /// <summary>A machine that boots with its memory in a file, to be copied. It has the ports for disks, and no disks.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="initramfs">Its first file system.</param>
    /// <param name="imageParameters">What the image adds to the kernel's command line.</param>
    /// <param name="accelerator">kvm or tcg.</param>
    /// <param name="folder">The work folder, where both sockets are.</param>
    /// <param name="memory">The file; as long as the memory.</param>
    public static QemuCommand Template(
        MachineOptions options, KernelPackage kernel, string initramfs, IReadOnlyList<string> imageParameters, string accelerator, string folder, string memory)
    {
        var line = new QemuCommandLine();
        line.Memory(options, accelerator, memory, isShared: true);
        line.Hardware(options, folder);
        line.Kernel(options, kernel, initramfs, imageParameters);
        return line.Built();
    }

    /// <summary>
    /// A copy: the template's memory, copied page by page on write, and the state of its devices, which the monitor is
    /// told to read from <see cref="StateDescriptor"/>. Its disks are open but not plugged in.
    /// </summary>
    /// <param name="options">The machine; as the template's.</param>
    /// <param name="accelerator">kvm or tcg; as the template's.</param>
    /// <param name="folder">The work folder, where both sockets are.</param>
    /// <param name="memory">The template's memory.</param>
    /// <param name="state">The state of the template's devices.</param>
    public static QemuCommand Clone(MachineOptions options, string accelerator, string folder, string memory, string state)
    {
        var line = new QemuCommandLine();
        line._files.Add(new PassedFile(state));
        line.Memory(options, accelerator, memory, isShared: false);
        line.Hardware(options, folder);
        line.Add("-incoming", "defer");
        line.Disks(options, plugged: false);
        return line.Built();
    }

    /// <summary>The descriptor of the state in the command line of a copy.</summary>
    public const int StateDescriptor = QemuCommand.FirstDescriptor;

    /// <summary>The name of a disk's block node.</summary>
    public static string DiskNode(int index) => $"disk{index}";

    /// <summary>The root port a disk is plugged into.</summary>
    public static string DiskPort(int index) => $"slot{index}";

    /// <summary>The serial number by which the guest knows a disk.</summary>
    public static string DiskSerial(int index) => $"hil-disk-{index}";

    private void Add(params ReadOnlySpan<string> words) => _arguments.AddRange(words);

    /// <returns>The path by which QEMU opens a file that it inherits.</returns>
    private string Pass(string path, bool isWritable = false)
    {
        _files.Add(new PassedFile(path, isWritable, Reopened: true));
        return $"/proc/self/fd/{QemuCommand.FirstDescriptor + _files.Count - 1}";
    }

    private void Memory(MachineOptions options, string accelerator, string memory, bool isShared) =>
        Add("-machine", $"q35,accel={accelerator},memory-backend=ram",
            "-object", $"memory-backend-file,id=ram,size={options.MemoryMiB}M,mem-path={Pass(memory, isWritable: true)},share={(isShared ? "on" : "off")}");

    private void Hardware(MachineOptions options, string folder)
    {
        Add("-nodefaults", "-no-user-config", "-display", "none", "-bios", Firmware, "-cpu", "max",
            "-smp", $"{options.Cpus}", "-m", $"{options.MemoryMiB}M",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", $"socket,id=qmp,path={folder}/{MonitorSocket}", "-mon", "chardev=qmp,mode=control",
            "-device", "virtio-serial-pci,max_ports=4",
            "-chardev", $"socket,id=agent,path={folder}/{AgentSocket}",
            "-device", $"virtserialport,chardev=agent,name={AgentPort}",
            "-device", "pvpanic-pci", "-device", "i6300esb",
            "-action", "panic=pause,watchdog=pause,reboot=shutdown",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
        for (int i = 0; i < Ports(options); i++)
            Add("-device", $"pcie-root-port,id={DiskPort(i)},chassis={i + 1}");
    }

    /// <summary>A machine with disks has all ports, so that one template serves every number of disks.</summary>
    private static int Ports(MachineOptions options) => options.Disks.Count switch
    {
        0 => 0,
        <= MostDisks => MostDisks,
        _ => throw new InfrastructureException($"{options.Disks.Count} disks were asked for; a machine can have {MostDisks}"),
    };

    private void Kernel(MachineOptions options, KernelPackage kernel, string initramfs, IReadOnlyList<string> imageParameters) =>
        Add("-kernel", Pass(kernel.VmlinuxPvh), "-initrd", Pass(initramfs), "-append",
            string.Join(' ', [.. BaseParameters, .. imageParameters, .. options.ConsoleShell ? (string[])["hil.shell"] : [], .. options.KernelParameters]));

    private void Disks(MachineOptions options, bool plugged)
    {
        for (int i = 0; i < options.Disks.Count; i++)
        {
            var disk = options.Disks[i];
            string mode = disk.ReadOnly ? "on" : "off";
            _files.Add(new PassedFile(disk.Path, !disk.ReadOnly));
            int descriptor = QemuCommand.FirstDescriptor + _files.Count - 1;
            // Descriptor sets keep QEMU from opening paths; the file's own driver may still take locks on it.
            Add("-add-fd", $"fd={descriptor},set={descriptor}",
                "-blockdev", $"node-name={DiskNode(i)},driver={disk.Format},read-only={mode},discard=unmap," +
                $"file.driver={(IsBlockDevice(disk.Path) ? "host_device" : "file")},file.filename=/dev/fdset/{descriptor},file.read-only={mode},file.discard=unmap");
            if (plugged)
                Add("-device", $"virtio-blk-pci,drive={DiskNode(i)},bus={DiskPort(i)},serial={DiskSerial(i)}");
        }
    }

    private static bool IsBlockDevice(string path) =>
        Syscall.stat(path, out var status) == 0 && (status.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFBLK;

    private QemuCommand Built() => new(_arguments, _files);
}
