using HilTests.Lab.Host;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>A module that a device of this very machine needs.</summary>
/// <param name="Name">As the kernel has it, with '_'.</param>
/// <param name="Sign">The file that is there when the module is loaded or built in.</param>
/// <param name="Use">What it is for: "makes disks of files".</param>
internal sealed record LocalModule(string Name, string Sign, string Use);

/// <summary>The kernel that runs here, and what it can load.</summary>
/// <param name="release">As <c>uname -r</c> says.</param>
/// <param name="modules">Its modules; null where there is no folder of them.</param>
internal sealed class LocalKernel(string release, ModuleTree? modules)
{
    public static LocalKernel Running()
    {
        string release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        string folder = Path.Combine("/lib/modules", release);
        bool isThere = File.Exists(Path.Combine(folder, "modules.dep")) && File.Exists(Path.Combine(folder, "modules.builtin"));
        return new LocalKernel(release, isThere ? ModuleTree.Load(folder) : null);
    }

    /// <summary>Whether a module is there or can be loaded.</summary>
    /// <param name="module">Which.</param>
    /// <param name="mayLoad">Whether this user may load modules.</param>
    public HostRequirement Check(LocalModule module, bool mayLoad)
    {
        string name = $"kernel module {module.Name}";
        if (Path.Exists(module.Sign) || Directory.Exists($"/sys/module/{module.Name}"))
            return new HostRequirement(name, true, "there", "");
        if (modules?.IsBuiltin(module.Name) == true)
            return new HostRequirement(name, true, "built in", "");
        if (modules?.Find(module.Name) is null)
        {
            return new HostRequirement(name, false, $"{module.Use}, and kernel {release} does not have it" +
                (modules is null ? $" (there are no modules in /lib/modules/{release})" : ""), "boot Debian's kernel (linux-image-amd64; the cloud flavour has no f2fs)");
        }
        if (!mayLoad)
            return new HostRequirement(name, false, $"{module.Use}, and is not loaded; this user may not load it", $"sudo modprobe {module.Name}");
        if (File.Exists("/proc/sys/kernel/modules_disabled") && File.ReadAllText("/proc/sys/kernel/modules_disabled").Trim() == "1")
            return new HostRequirement(name, false, $"{module.Use}, and is not loaded; this kernel loads no more modules (kernel.modules_disabled)", "sudo reboot");
        return Programs.Find("modprobe") is null
            ? new HostRequirement(name, false, $"{module.Use}, and is not loaded; there is no modprobe", "sudo apt-get install kmod")
            : new HostRequirement(name, true, "can be loaded", "");
    }

    /// <summary>tracefs and kprobes, through which I/O is observed.</summary>
    public HostRequirement CheckTracing()
    {
        const string Use = "observes the life of every I/O";
        const string Tracing = "/sys/kernel/tracing";
        const string Lockdown = "/sys/kernel/security/lockdown";
        if (!File.ReadLines("/proc/filesystems").Any(l => l.EndsWith("\ttracefs", StringComparison.Ordinal)))
            return new HostRequirement("tracefs", false, $"{Use}, and kernel {release} is built without it (CONFIG_TRACING)", "boot Debian's kernel (linux-image-amd64)");
        if (File.Exists(Lockdown) && File.ReadAllText(Lockdown).Contains("[confidentiality]", StringComparison.Ordinal))
            return new HostRequirement("kprobes", false, $"{Use}, and this kernel is locked down for confidentiality, which forbids it", "boot without lockdown=confidentiality");
        // Not mounted everywhere; then the kernel's own list of functions says whether kprobes are built in.
        bool hasProbes = File.Exists($"{Tracing}/trace") ? File.Exists($"{Tracing}/kprobe_events")
            : File.Exists("/proc/kallsyms") && File.ReadLines("/proc/kallsyms").Any(l => l.EndsWith(" register_kprobe", StringComparison.Ordinal));
        return hasProbes
            ? new HostRequirement("tracefs and kprobes", true, "there", "")
            : new HostRequirement("kprobes", false, $"{Use}, and kernel {release} is built without them (CONFIG_KPROBE_EVENTS)", "boot Debian's kernel (linux-image-amd64)");
    }
}
