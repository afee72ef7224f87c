using HilTests.Core.Kernel;
using HilTests.Core.Values;
using HilTests.Uapi.Linux;
using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.Probing;

/// <summary>Finds out what the running kernel is: asks it, never compares versions.</summary>
internal static class KernelProbe
{
    /// <summary>Takes the profile. Facts the kernel cannot be asked for are left out.</summary>
    public static KernelProfile Take()
    {
        var facts = new List<(string, Value)>
        {
            ("release", Value.Text(ReadLine("/proc/sys/kernel/osrelease") ?? "unknown")),
            ("hz", Value.Of(HzProbe.Read())),
            ("cpus", Value.Of(File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal)))),
            ("page-size", Value.Of(Environment.SystemPageSize)),
        };
        // Debian's release is "6.1.0-…" for every 6.1.y; its build line names the version.
        if (DebianVersion(ReadLine("/proc/version") ?? "") is { } version) facts.Add(("version", Value.Text(version)));
        AddNumber(facts, "vhost-max-mem-regions", "/sys/module/vhost/parameters/max_mem_regions");
        AddNumber(facts, "vhost-zerocopy", "/sys/module/vhost_net/parameters/experimental_zcopytx");
        AddVhostFeatures(facts);
        LinkProbe.AddTo(facts);
        F2fsProbe.AddTo(facts);
        return KernelProfile.Of([.. facts]);
    }

    private static void AddVhostFeatures(List<(string, Value)> facts)
    {
        var opened = VhostNetDevice.Open();
        if (opened.Ok || opened.Error is Errno.ENOENT or Errno.ENODEV or Errno.ENXIO) facts.Add(("vhost-net", Value.Symbol(opened.Ok ? "yes" : "no")));
        if (!opened.Ok) return;
        using var device = opened.Value;
        if (device.GetFeatures(out var features).Ok) facts.Add(("vhost-features", Value.Hex(features)));
        // A kernel without these requests refuses them on a device that nobody owns; one that has them answers.
        var words = new ulong[2];
        if (device.GetFeaturesArray(words).Ok) facts.Add(("vhost-features-high", Value.Hex(words[1])));
        if (device.GetForkFromOwner(out var mode).Ok) facts.Add(("vhost-fork-from-owner", Value.Of(mode)));
    }

    /// <summary><c>… Debian 6.1.192-2 (…)</c> gives 6.1.192; null where the line is of another form.</summary>
    private static string? DebianVersion(string line)
    {
        const string Word = "Debian ";
        var at = line.LastIndexOf(Word, StringComparison.Ordinal);
        if (at < 0) return null;
        var version = line[(at + Word.Length)..];
        var end = 0;
        while (end < version.Length && (char.IsAsciiDigit(version[end]) || version[end] == '.')) end++;
        return end > 0 ? version[..end] : null;
    }

    private static void AddNumber(List<(string, Value)> facts, string name, string path)
    {
        if (long.TryParse(ReadLine(path), out var number)) facts.Add((name, Value.Of(number)));
    }

    private static string? ReadLine(string path) => ReadAll(path)?.Split('\n')[0];

    private static string? ReadAll(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
