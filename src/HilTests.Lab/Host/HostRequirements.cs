using System.Globalization;
using HilTests.Lab.Cache;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Host;

/// <summary>One thing this machine should have.</summary>
/// <param name="Name">What: a program, a library, space.</param>
/// <param name="Present">Whether it is there.</param>
/// <param name="Detail">Where it was found, or how much; or what it is for when it is missing.</param>
/// <param name="Remedy">The command that mends it, to be typed as it stands; empty when nothing is to be done.</param>
/// <param name="Required">False for what only makes things faster.</param>
public sealed record HostRequirement(string Name, bool Present, string Detail, string Remedy, bool Required = true);

/// <summary>What this machine has and lacks.</summary>
public static class HostRequirements
{
    /// <summary>Disk space the caches of one kernel take, in MiB, with some to spare.</summary>
    private const long NeededMiB = 1500;

    private static readonly (string Program, string Package, string Use)[] NeededPrograms =
    [
        ("qemu-system-x86_64", "qemu-system-x86", "runs the virtual machines"),
        ("mkfs.f2fs", "f2fs-tools", "makes file systems inside the VM"),
        ("fsck.f2fs", "f2fs-tools", "checks file systems inside the VM"),
        ("busybox", "busybox-static", "is the shell inside the VM"),
        ("depmod", "kmod", "lists what a kernel module needs"),
        ("xz", "xz-utils", "decompresses kernels"),
        ("setpriv", "util-linux", "makes QEMU die with its parent"),
        ("setsid", "util-linux", "keeps Ctrl-C from QEMU"),
        ("gcc", "gcc", "links the agent"),
        ("git", "git", "reads and applies patches"),
        ("dpkg-deb", "dpkg", "unpacks kernel packages"),
        ("apt-get", "apt", "downloads kernel packages"),
        ("ldd", "libc-bin", "finds the libraries a tool needs"),
    ];

    private static readonly (string File, string Package, string Use)[] NeededFiles =
    [
        ("/usr/share/qemu/qboot.rom", "qemu-system-x86", "is the firmware that starts a VM quickly"),
        ("/usr/lib/x86_64-linux-gnu/libc.a", "libc6-dev", "is linked into the agent"),
        ("/usr/include/linux/vhost.h", "linux-libc-dev", "is what the bindings are checked against"),
    ];

    /// <summary>Looks at everything; takes milliseconds, changes nothing.</summary>
    public static IReadOnlyList<HostRequirement> Check() =>
    [
        .. NeededPrograms.Select(p => Packaged(p.Program, Programs.Find(p.Program), p.Package, p.Use)),
        .. NeededFiles.Select(f => Packaged(f.File, File.Exists(f.File) ? f.File : null, f.Package, f.Use)),
        DotnetSdk(),
        CacheSpace(CacheFolder.Default()),
        Kvm(),
    ];

    /// <summary>What building the agent takes; all that a run without VMs needs.</summary>
    private static readonly HashSet<string> ForTheAgent = ["setpriv", "setsid", "gcc", "/usr/lib/x86_64-linux-gnu/libc.a", ".NET SDK"];

    /// <summary>Makes sure that what is required is there: installs it when this is root, else says the exact command.</summary>
    /// <param name="progress">Told what is installed.</param>
    /// <param name="cancellation">Ends the installation.</param>
    /// <param name="forVms">Whether VMs are to be run; otherwise only what the agent needs counts.</param>
    /// <exception cref="InfrastructureException">Something is missing and could not be mended.</exception>
    public static async Task EnsureAsync(Action<string>? progress, CancellationToken cancellation, bool forVms = true)
    {
        var missing = Missing(forVms);
        if (missing.Count == 0)
            return;
        string script = SourceTree.Find().At("provisioning", "install.sh");
        bool packagesHelp = missing.Any(m => m.Remedy.EndsWith("install.sh", StringComparison.Ordinal));
        if (packagesHelp && Mono.Unix.Native.Syscall.geteuid() == 0)
        {
            progress?.Invoke($"installing what is missing: {string.Join(", ", missing.Select(m => m.Name))}");
            var result = await new Command(script).MustAsync("install what is missing", cancellation).ConfigureAwait(false);
            progress?.Invoke(result.Output.Trim().Split('\n')[^1]);
            missing = Missing(forVms);
        }
        if (missing.Count > 0)
        {
            throw new InfrastructureException("this machine lacks:\n" +
                string.Concat(missing.Select(m => $"  {m.Name}: {m.Detail}\n")) +
                "Run:\n" + string.Join('\n', missing.Select(m => m.Remedy).Where(r => r.Length > 0).Distinct().Select(r => $"  {r}")));
        }
    }

    private static List<HostRequirement> Missing(bool forVms) =>
        [.. Check().Where(r => r.Required && !r.Present && (forVms || ForTheAgent.Contains(r.Name)))];

    private static HostRequirement Packaged(string name, string? found, string package, string use) => found is not null
        ? new HostRequirement(name, true, found, "")
        : new HostRequirement(name, false, $"{use}; Debian package {package}", $"sudo {SourceTree.Find().At("provisioning", "install.sh")}");

    private static HostRequirement DotnetSdk() => Programs.Find("dotnet") is { } path
        ? new HostRequirement(".NET SDK", true, path, "")
        : new HostRequirement(".NET SDK", false, "compiles the agent; there is no dotnet on PATH", "export PATH=\"$PATH:$HOME/.dotnet\"");

    private static HostRequirement CacheSpace(CacheFolder cache)
    {
        string name = $"space for caches in {cache.Root}";
        string? folder = cache.Root;
        while (folder is not null && !Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder);
        if (folder is null || Mono.Unix.Native.Syscall.access(folder, Mono.Unix.Native.AccessModes.W_OK) != 0)
            return new HostRequirement(name, false, $"{folder} cannot be written", $"export {CacheFolder.PathVariable}=/a/folder/that/can/be/written");
        long freeMiB = new DriveInfo(folder).AvailableFreeSpace >> 20;
        bool isFilled = Directory.Exists(Path.Combine(cache.Root, "images"));
        string detail = string.Create(CultureInfo.InvariantCulture, $"{freeMiB} MiB free, {(isFilled ? 200 : NeededMiB)} MiB wanted");
        return freeMiB >= (isFilled ? 200 : NeededMiB)
            ? new HostRequirement(name, true, detail, "")
            : new HostRequirement(name, false, detail, $"export {CacheFolder.PathVariable}=/a/folder/on/a/larger/disk");
    }

    private static HostRequirement Kvm()
    {
        bool usable = File.Exists("/dev/kvm") &&
            Mono.Unix.Native.Syscall.access("/dev/kvm", Mono.Unix.Native.AccessModes.R_OK | Mono.Unix.Native.AccessModes.W_OK) == 0;
        if (usable)
            return new HostRequirement("/dev/kvm", true, "may be used; whether it boots is tried before the first run", "", Required: false);
        return File.Exists("/dev/kvm")
            ? new HostRequirement("/dev/kvm", false, "may not be used by this user; VMs run slower under TCG", "sudo adduser $USER kvm", Required: false)
            : new HostRequirement("/dev/kvm", false, "not there; VMs run slower under TCG", "", Required: false);
    }
}
