using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Cache;
using HilTests.Lab.Machines;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Accelerators;

/// <summary>
/// Decides between KVM and TCG by booting: /dev/kvm may be there and not work (nested, broken, forbidden). The result
/// is remembered for as long as guest kernel, host kernel, QEMU and processor stay the same.
/// </summary>
internal static class AcceleratorProof
{
    /// <summary>A boot under a KVM that works takes about a second.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8);

    public static async Task<AcceleratorChoice> ChooseAsync(
        MachineOptions options, MachineParts parts, CacheFolder cache, CancellationToken cancellation)
    {
        if (!MayUseKvm())
            return AcceleratorChoice.Tcg;
        string key = await KeyAsync(parts, cancellation).ConfigureAwait(false);
        string folder = await cache.GetOrBuildAsync("accelerators", key, async (into, token) =>
        {
            options.Progress?.Invoke("trying whether KVM boots here");
            string verdict = await TryAsync(options, parts, token).ConfigureAwait(false);
            options.Progress?.Invoke(verdict == "kvm" ? "KVM works" : "KVM does not boot here; TCG it is");
            await File.WriteAllTextAsync(Path.Combine(into, "verdict"), verdict + "\n", token).ConfigureAwait(false);
        }, options.Progress, cancellation).ConfigureAwait(false);
        string first = (await File.ReadAllLinesAsync(Path.Combine(folder, "verdict"), cancellation).ConfigureAwait(false))[0];
        return first == "kvm" ? AcceleratorChoice.Kvm : AcceleratorChoice.Tcg;
    }

    /// <returns>"kvm", or "tcg" and the reason on the lines below.</returns>
    private static async Task<string> TryAsync(MachineOptions options, MachineParts parts, CancellationToken cancellation)
    {
        var trial = new MachineOptions { Cpus = options.Cpus, BootDeadline = Deadline };
        try
        {
            await using var machine = await QemuMachine.BootAsync(trial, parts, AcceleratorChoice.Kvm, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            await machine.PingAsync(cancellation).ConfigureAwait(false);
            return "kvm";
        }
        catch (Exception e) when (e is InfrastructureException or MachineLostException)
        {
            return $"tcg\n{e.Message}";
        }
    }

    private static bool MayUseKvm()
    {
        try
        {
            using var kvm = File.OpenHandle("/dev/kvm", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<string> KeyAsync(MachineParts parts, CancellationToken cancellation)
    {
        var version = await new Command(QemuCommandLine.Program, "--version").MustAsync("ask QEMU for its version", cancellation).ConfigureAwait(false);
        string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) ?? "";
        string host = await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellation).ConfigureAwait(false);
        string all = $"{parts.Kernel.Release} {parts.Kernel.PackageVersion}\n{host}\n{version.Output}\n{cpu}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..16];
    }
}
