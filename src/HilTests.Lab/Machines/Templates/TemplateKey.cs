using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Cache;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Machines.Templates;

/// <summary>
/// Names a template by everything it is made of: the very QEMU and firmware, every argument (processors, memory, kernel
/// parameters, devices), kernel and image by the hash of their content, and under KVM the processor and the host's kernel.
/// </summary>
internal static class TemplateKey
{
    /// <summary>Changes with the layout of a template's folder.</summary>
    private const int Layout = 1;

    private static readonly string[] FirmwareFolders = ["/usr/share/qemu", "/usr/share/seabios", "/usr/local/share/qemu"];

    private static readonly ConcurrentDictionary<string, string> Digests = new();

    /// <returns>32 hexadecimal digits.</returns>
    public static string Of(MachineOptions options, MachineParts parts, string accelerator)
    {
        var command = QemuCommandLine.Template(options, parts.Kernel, parts.Image.Initramfs, parts.Image.KernelParameters, accelerator, "FOLDER", "MEMORY");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Layout}\n{Identity(Programs.Require(QemuCommandLine.Program, "qemu-system-x86"))}\n{Identity(Firmware())}\n");
        text.AppendJoin('\n', command.Arguments).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{Digest(parts.Kernel.VmlinuxPvh)}\n{Digest(parts.Image.Initramfs)}\n");
        if (accelerator == "kvm")
            text.Append(Host());
        return Of(text.ToString());
    }

    internal static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    /// <summary>The hash of a file's content: as its cache entry has recorded it, else read once in this process.</summary>
    private static string Digest(string file) =>
        CacheManifest.RecordedHash(file) ?? Digests.GetOrAdd(Identity(file), _ => CacheManifest.Hash(file));

    /// <summary>A package that is installed anew has another size or time; QEMU itself is not started to ask.</summary>
    private static string Identity(string file)
    {
        var info = new FileInfo(file);
        return string.Create(CultureInfo.InvariantCulture, $"{file} {info.Length} {info.LastWriteTimeUtc.Ticks}");
    }

    private static string Firmware() => FirmwareFolders.Select(f => Path.Combine(f, QemuCommandLine.Firmware)).FirstOrDefault(File.Exists)
        ?? throw new InfrastructureException($"QEMU's firmware {QemuCommandLine.Firmware} is not in {string.Join(", ", FirmwareFolders)}; install the Debian package qemu-system-data");

    private static string Host() =>
        File.ReadAllText("/proc/sys/kernel/osrelease") + string.Join('\n', File.ReadLines("/proc/cpuinfo")
            .Where(l => l.StartsWith("model name", StringComparison.Ordinal) || l.StartsWith("flags", StringComparison.Ordinal)).Distinct());
}
