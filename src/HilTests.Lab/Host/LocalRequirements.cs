using System.Globalization;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Host;

/// <summary>What <c>--machine local</c> needs of this machine's own kernel: rights, and the devices under test.</summary>
public static class LocalRequirements
{
    private const int CapNetAdmin = 12;
    private const int CapSysModule = 16;
    private const int CapSysAdmin = 21;

    /// <summary>Bit of /proc/sys/kernel/tainted: this kernel has died once already (Documentation/admin-guide/tainted-kernels.rst).</summary>
    private const long TaintDie = 1 << 7;

    private static readonly Dictionary<string, LocalModule[]> NeededModules = new()
    {
        ["vhost-net"] =
        [
            new("vhost_net", "/sys/class/misc/vhost-net", "is the device under test"),
            new("tun", "/sys/class/misc/tun", "makes the taps behind vhost-net"),
            new("dummy", "/sys/module/dummy", "makes the interfaces that packet sockets are bound to"),
        ],
        ["f2fs"] =
        [
            new("f2fs", "/sys/fs/f2fs", "is the file system under test"),
            new("loop", "/sys/class/misc/loop-control", "makes disks of files"),
            new("null_blk", "/sys/module/null_blk", "makes disks whose latency is known"),
        ],
    };

    /// <summary>What every program on this machine needs.</summary>
    public static async Task<IReadOnlyList<HostRequirement>> CheckMachineAsync(CancellationToken cancellation)
    {
        List<HostRequirement> found =
        [
            Right("CAP_SYS_ADMIN", CapSysAdmin, "mounts file systems and makes namespaces"),
            Right("CAP_NET_ADMIN", CapNetAdmin, "makes network interfaces"),
        ];
        found.Add(found.All(r => r.Present) ? await NamespacesAsync(cancellation).ConfigureAwait(false)
            : new HostRequirement("namespaces", false, "keep interfaces and mounts of programs apart; not tried without the rights above", "sudo hil …"));
        if ((long.Parse(await File.ReadAllTextAsync("/proc/sys/kernel/tainted", cancellation).ConfigureAwait(false), CultureInfo.InvariantCulture) & TaintDie) != 0)
            found.Add(new HostRequirement("a kernel that is well", false, "this kernel has oopsed before (taint D), nothing it does now can be judged", "sudo reboot"));
        return found;
    }

    /// <summary>What a device needs beside that.</summary>
    /// <param name="device">the device's name; one that is not known here needs nothing more</param>
    public static IReadOnlyList<HostRequirement> CheckDevice(string device)
    {
        var kernel = LocalKernel.Running();
        List<HostRequirement> found = [.. NeededModules.GetValueOrDefault(device, []).Select(m => kernel.Check(m, Has(CapSysModule)))];
        if (device == "f2fs")
        {
            found.Add(kernel.CheckTracing());
            found.Add(Programs.Find("mkfs.f2fs") is { } tool
                ? new HostRequirement("mkfs.f2fs", true, tool, "")
                : new HostRequirement("mkfs.f2fs", false, "makes the file systems under test; Debian package f2fs-tools", "sudo apt-get install f2fs-tools"));
        }
        return found;
    }

    /// <summary>Why a device cannot be tested here, in one line; null where it can.</summary>
    public static string? WhyNot(string device)
    {
        var missing = CheckDevice(device).Where(r => !r.Present).ToList();
        return missing.Count == 0 ? null : $"this machine lacks {string.Join("; ", missing.Select(r => $"{r.Name} ({r.Detail})"))}";
    }

    /// <summary>Refuses before anything is started.</summary>
    /// <param name="devices">the devices that are to be tested</param>
    /// <param name="cancellation">ends the checks</param>
    /// <exception cref="InfrastructureException">something is missing: one line each with what, why and what to do</exception>
    public static async Task EnsureAsync(IEnumerable<string> devices, CancellationToken cancellation)
    {
        var machine = await CheckMachineAsync(cancellation).ConfigureAwait(false);
        var missing = machine.Concat(devices.SelectMany(CheckDevice)).Where(r => !r.Present).ToList();
        if (missing.Count == 0)
            return;
        throw new InfrastructureException("--machine local cannot be used here. This machine lacks:\n" +
            string.Join('\n', missing.Select(r => $"  {r.Name}: {r.Detail}. {(r.Remedy.Length > 0 ? $"Do: {r.Remedy}" : "There is nothing to be done but to take another machine, or --machine qemu")}")));
    }

    /// <summary>The modules that the agent loads where they are not there, with the parameters the VMs give them.</summary>
    internal static IReadOnlyList<string> Modules(IEnumerable<string> devices)
    {
        var parameters = ImageFragment.LoadAll(SourceTree.Find()).Fragment.Boot.ToDictionary(b => b.Module.Replace('-', '_'), b => b.Parameters);
        return [.. devices.SelectMany(d => NeededModules.GetValueOrDefault(d, [])).Where(m => parameters.ContainsKey(m.Name)).Select(m => $"{m.Name} {parameters[m.Name]}".Trim())];
    }

    private static HostRequirement Right(string name, int bit, string use) => Has(bit)
        ? new HostRequirement(name, true, "this user has it", "")
        : new HostRequirement(name, false, $"{use}, and this user may not", "sudo hil …");

    /// <summary>Effective capabilities, capabilities(7).</summary>
    private static bool Has(int capability)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        ulong mask = ulong.Parse(line["CapEff:".Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (mask >> capability & 1) == 1;
    }

    /// <summary>A container may have the rights and forbid the call all the same.</summary>
    private static async Task<HostRequirement> NamespacesAsync(CancellationToken cancellation)
    {
        const string Use = "keep interfaces and mounts of programs apart from the machine's";
        if (Programs.Find("unshare") is null)
            return new HostRequirement("unshare", false, "tries whether namespaces can be made; Debian package util-linux", "sudo apt-get install util-linux");
        var tried = await new Command("unshare", "--net", "--mount", "true").RunAsync(cancellation).ConfigureAwait(false);
        return tried.ExitCode == 0
            ? new HostRequirement("namespaces", true, "network and mount namespaces can be made", "")
            : new HostRequirement("namespaces", false, $"{Use}, and cannot be made: {tried.Errors.Trim()}", "");
    }
}
