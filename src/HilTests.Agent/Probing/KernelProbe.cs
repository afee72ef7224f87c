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
        AddNumber(facts, "vhost-max-mem-regions", "/sys/module/vhost/parameters/max_mem_regions");
        AddNumber(facts, "vhost-zerocopy", "/sys/module/vhost_net/parameters/experimental_zcopytx");
        AddVhostFeatures(facts);
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
