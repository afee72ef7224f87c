namespace HilTests.Lab.Pool;

/// <summary>
/// One control group this process is in, or one above it. See Documentation/admin-guide/cgroup-v2.rst and
/// cgroup-v1/memory.rst of the kernel.
/// </summary>
/// <param name="Folder">Its folder below <c>/sys/fs/cgroup</c>.</param>
internal sealed record ControlGroup(string Folder)
{
    /// <summary>The groups whose limits count, from the process's own up to the root, of every hierarchy.</summary>
    public static IEnumerable<ControlGroup> Of(string root)
    {
        string mounts = Path.Combine(root, "sys/fs/cgroup");
        foreach (string line in (HostResources.TextOf(Path.Combine(root, "proc/self/cgroup")) ?? "").Split('\n'))
        {
            // "0::/path" is version 2, "4:memory:/path" version 1.
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            string[] tops = controllers.Length == 0
                ? [mounts, Path.Combine(mounts, "unified")]
                : [Path.Combine(mounts, controllers), .. controllers.Split(',').Select(c => Path.Combine(mounts, c))];
            foreach (string top in tops.Distinct().Where(Directory.Exists))
            {
                foreach (string folder in Upwards(top, path))
                    yield return new ControlGroup(folder);
            }
        }
    }

    /// <summary>The processors that its quota is worth; null where there is none.</summary>
    public double? Cores()
    {
        // "max 100000" or "150000 100000": microseconds a period.
        if (Text("cpu.max")?.Split(' ') is [var quota, var period])
            return Ratio(quota, period);
        return Ratio(Text("cpu.cfs_quota_us"), Text("cpu.cfs_period_us"));
    }

    /// <summary>
    /// What its memory limit leaves, in bytes; null where there is none. Page cache that nobody touched lately counts as
    /// free: the kernel drops it first.
    /// </summary>
    public long? FreeBytes()
    {
        if (Number("memory.max") is { } max && Number("memory.current") is { } current)
            return max - current + (Statistic("inactive_file") ?? 0);
        if (Number("memory.limit_in_bytes") is { } limit && Number("memory.usage_in_bytes") is { } usage)
            return limit - usage + (Statistic("total_inactive_file") ?? 0);
        return null;
    }

    private static IEnumerable<string> Upwards(string top, string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int length = names.Length; length >= 0; length--)
        {
            // In a container the path may be that of the host, and only its root is mounted here.
            string folder = Path.Combine([top, .. names.Take(length)]);
            if (Directory.Exists(folder))
                yield return folder;
        }
    }

    private static double? Ratio(string? quota, string? period) =>
        long.TryParse(quota, out long time) && time > 0 && long.TryParse(period, out long whole) && whole > 0 ? (double)time / whole : null;

    private long? Statistic(string name) => Text("memory.stat")?.Split('\n').Select(l => l.Split(' '))
        .Where(l => l.Length == 2 && l[0] == name && long.TryParse(l[1], out _)).Select(l => (long?)long.Parse(l[1])).FirstOrDefault();

    private long? Number(string file) => long.TryParse(Text(file), out long number) ? number : null;

    private string? Text(string file) => HostResources.TextOf(Path.Combine(Folder, file))?.Trim();
}
