using System.Diagnostics;
using System.Globalization;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>What a command in the guest host said, both streams together, and its exit code.</summary>
internal sealed record GuestAnswer(int Code, string Text);

/// <summary>
/// A VM that stands for a machine of a lab: a stock kernel, and this host's own files, read-only with memory over them.
/// Tests run <c>hil --machine local</c> in it. vm-images/guest-host/init makes it.
/// </summary>
internal sealed class GuestHost : IAsyncDisposable
{
    private const int MemoryMiB = 2048;
    private static readonly TimeSpan BootDeadline = TimeSpan.FromMinutes(2);

    /// <summary>What the root needs before modprobe is there.</summary>
    private static readonly string[] BootModules = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"];

    private readonly WorkFolder _folder;
    private readonly Process _qemu;
    private int _asked;

    private GuestHost(WorkFolder folder, Process qemu)
    {
        _folder = folder;
        _qemu = qemu;
    }

    /// <summary>What the guest's kernel wrote to its console.</summary>
    public string ConsoleText => File.Exists(_folder.At("console")) ? File.ReadAllText(_folder.At("console")) : "";

    /// <summary>The command line tool in the guest, with what makes it start quicker under an emulator.</summary>
    public static string Hil
    {
        get
        {
            var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
            var program = SourceTree.Find().At("src", "HilTests.Cli", "bin", configuration, "net10.0", "hil.dll");
            return $"DOTNET_EnableWriteXorExecute=0 DOTNET_TieredPGO=0 HIL_CACHE={CacheFolder.Default().Root} {Programs.Find("dotnet") ?? "dotnet"} {program}";
        }
    }

    /// <summary>Boots it. The agent is built before, since the guest has little memory to compile in.</summary>
    public static async Task<GuestHost> BootAsync(CancellationToken cancellation)
    {
        Action<string> progress = line => TestContext.Progress.WriteLine(line);
        await HostRequirements.EnsureAsync(progress, cancellation);
        var tree = SourceTree.Find();
        var kernel = await new KernelStore(KernelList.Load(tree), CacheFolder.Default(), progress).ResolveAsync("bookworm", cancellation);
        await new AgentBuilder(tree, CacheFolder.Default(), progress).GetAsync(cancellation);
        var folder = await WorkFolder.CreateAsync();
        try
        {
            WriteImage(folder.At("initramfs"), kernel);
            var qemu = await SpawnThread.StartAsync(SpawnThread.DyingWithUs("qemu-system-x86_64", Arguments(kernel, folder)));
            folder.Owns(qemu);
            var guest = new GuestHost(folder, qemu);
            await guest.ReadyAsync(cancellation);
            return guest;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Runs a script of the shell and waits for its end.</summary>
    /// <param name="script">must not read standard input; what it leaves running goes on</param>
    /// <param name="cancellation">ends the wait; the guest is then of no more use</param>
    public async Task<GuestAnswer> RunAsync(string script, CancellationToken cancellation)
    {
        var end = $"=== end {++_asked} ";
        await _qemu.StandardInput.WriteLineAsync($"( {script}\n) </dev/null; echo \"{end}$?\"".AsMemory(), cancellation);
        await _qemu.StandardInput.FlushAsync(cancellation);
        var said = new List<string>();
        while (await _qemu.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(end, StringComparison.Ordinal))
                return new GuestAnswer(int.Parse(line[end.Length..], CultureInfo.InvariantCulture), string.Join('\n', said));
            said.Add(line);
        }
        throw new InvalidOperationException($"the guest host ended in the middle of: {script}\n{string.Join('\n', said)}\n{ConsoleText}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_qemu.HasExited) _qemu.Kill();
        await _qemu.WaitForExitAsync();
        _qemu.Dispose();
        _folder.Dispose();
    }

    private async Task ReadyAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(BootDeadline);
        string? said;
        try
        {
            said = await _qemu.StandardOutput.ReadLineAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            said = $"nothing within {BootDeadline.TotalSeconds:0} s";
        }
        if (said == "ready") return;
        var console = ConsoleText;
        await DisposeAsync();
        throw new InvalidOperationException($"the guest host did not come up; it said {said ?? "nothing"}; its console:\n{console}");
    }

    private static void WriteImage(string path, KernelPackage kernel)
    {
        using var archive = File.Create(path);
        var cpio = new CpioWriter(archive);
        cpio.CharacterDevice("dev/console", 5, 1);
        cpio.File("init", File.ReadAllBytes(SourceTree.Find().At("vm-images", "guest-host", "init")), 0x1ed);
        cpio.File("bin/busybox", File.ReadAllBytes(Programs.Require("busybox", "busybox-static")), 0x1ed);
        cpio.Link("/bin/sh", "busybox");
        foreach (var folder in (string[])["proc", "sys", "memory", "lower", "newroot"]) cpio.Directory(folder);
        var tree = ModuleTree.Load(kernel.ModulesDir);
        var order = BootModules.SelectMany(name => tree.Find(name) is { } entry ? [.. entry.Dependencies, entry.Name] : (string[])[]).Distinct();
        var number = 0;
        foreach (var entry in order.Select(tree.Find).OfType<ModuleEntry>())
            cpio.File($"lib/{++number:00}-{entry.Name}.ko", File.ReadAllBytes(Path.Combine(kernel.ModulesDir, entry.RelativePath)), 0x1a4);
        cpio.Finish();
    }

    private static string[] Arguments(KernelPackage kernel, WorkFolder folder) =>
    [
        "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35,accel=tcg", "-bios", "qboot.rom", "-cpu", "max",
        "-smp", "2", "-m", $"{MemoryMiB}M", "-no-reboot",
        "-kernel", kernel.VmlinuxPvh, "-initrd", folder.At("initramfs"),
        "-append", $"console=ttyS0 quiet cryptomgr.notests no_timer_check random.trust_cpu=on mitigations=off panic=-1 hil.modules={kernel.ModulesDir}",
        "-chardev", $"file,id=console,path={folder.At("console")}", "-serial", "chardev:console",
        "-device", "virtio-serial-pci", "-chardev", "stdio,id=commands,signal=off", "-device", "virtserialport,chardev=commands,name=commands",
        "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
    ];
}
