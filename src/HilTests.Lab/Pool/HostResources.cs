using System.Globalization;

namespace HilTests.Lab.Pool;

/// <summary>What this process may use of its host.</summary>
/// <param name="Cores">Processors, as a fraction where a quota cuts one; at least 0.01.</param>
/// <param name="CoresBecause">What sets that number, in words: <c>2 processors</c>, <c>a cgroup quota</c>.</param>
/// <param name="MemoryMiB">Memory that can still be taken, in MiB.</param>
/// <param name="MemoryBecause">What sets that number, in words.</param>
public sealed record HostResources(double Cores, string CoresBecause, long MemoryMiB, string MemoryBecause)
{
    /// <summary>
    /// Reads <c>/proc/self/status</c> (the processors this process may run on), <c>/proc/meminfo</c> (MemAvailable), and
    /// the limits of its control groups and of all groups above them, version 2 and version 1. What is not there sets no
    /// limit.
    /// </summary>
    /// <param name="root">The folder that holds <c>proc</c> and <c>sys</c>; <c>/</c> but in tests.</param>
    public static HostResources Read(string root = "/")
    {
        double cores = Affinity(root);
        string coresBecause = cores == 1 ? "1 processor" : string.Create(CultureInfo.InvariantCulture, $"{cores:0} processors");
        var (memory, memoryBecause) = (MemAvailable(root), "memory that is available");
        foreach (var group in ControlGroup.Of(root))
        {
            if (group.Cores() is { } quota && quota < cores)
                (cores, coresBecause) = (quota, string.Create(CultureInfo.InvariantCulture, $"a quota of {quota:0.##} processors in {group.Folder}"));
            if (group.FreeBytes() >> 20 is { } free && free < memory)
                (memory, memoryBecause) = (free, $"what the limit of {group.Folder} leaves");
        }
        return new HostResources(Math.Max(0.01, cores), coresBecause, Math.Max(0, memory), memoryBecause);
    }

    // "Cpus_allowed_list:	0-3,8": what sched_setaffinity and cpuset leave, see proc(5).
    private static double Affinity(string root)
    {
        string? list = Field(Path.Combine(root, "proc/self/status"), "Cpus_allowed_list:");
        return list is null ? Environment.ProcessorCount : CountRanges(list);
    }

    private static int CountRanges(string list)
    {
        int count = 0;
        foreach (string range in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            if (!int.TryParse(ends[0], out int first) || !int.TryParse(ends[^1], out int last) || last < first)
                return Environment.ProcessorCount;
            count += last - first + 1;
        }
        return Math.Max(1, count);
    }

    private static long MemAvailable(string root)
    {
        string? field = Field(Path.Combine(root, "proc/meminfo"), "MemAvailable:");
        return field?.Split(' ')[0] is { } kib && long.TryParse(kib, out long number)
            ? number >> 10
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20;
    }

    private static string? Field(string file, string name) => TextOf(file)?.Split('\n')
        .FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    /// <summary>A file's text; null where there is none, or none that may be read.</summary>
    internal static string? TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
