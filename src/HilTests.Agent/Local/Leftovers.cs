using System.Diagnostics;
using HilTests.Agent.F2fs;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Local;

/// <summary>
/// Takes away what outlives an agent: tracing instances, probes, mapped devices, null_blk devices. What the kernel takes away by itself
/// (mounts and interfaces in namespaces, loop devices with autoclear, memory) is not here.
/// </summary>
internal static class Leftovers
{
    private const string Tracing = TraceInstance.Root;
    private const string NullBlk = NullBlkDisk.Folder;

    /// <summary>How long something may stay busy: a mount of a killed process goes a moment after it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Removes everything of these owners.</summary>
    /// <param name="isGone">says whose things go</param>
    /// <returns>one line for each thing that stayed, with the errno</returns>
    public static IReadOnlyList<string> Remove(Func<Owner, bool> isGone)
    {
        var stayed = new List<string>();
        foreach (var folder in Named($"{Tracing}/instances", isGone))
        {
            KernelFile.Write($"{folder}/events/enable", "0");
            Take(folder, () => Sys.Check(libc.rmdir(folder), "rmdir").Error, stayed);
        }
        foreach (var probe in Probes(isGone))
            Take($"probe {probe}", () => KernelFile.Write($"{Tracing}/dynamic_events", $"-:{probe}", fcntl_h.O_WRONLY | fcntl_h.O_APPEND), stayed);
        foreach (var name in DeviceMapper.Names().Where(name => Owner.Parse(name) is { } owner && isGone(owner)).ToList()) Take($"mapped device {name}", () => DeviceMapper.Remove(name), stayed);
        foreach (var folder in Named(NullBlk, isGone)) Take(folder, () => NullBlkDisk.Remove(folder), stayed);
        return stayed;
    }

    private static IEnumerable<string> Named(string parent, Func<Owner, bool> isGone) => !Directory.Exists(parent) ? [] :
        Directory.GetDirectories(parent).Where(folder => Owner.Parse(Path.GetFileName(folder)) is { } owner && isGone(owner));

    /// <summary>
    /// The probes as <c>GROUP/NAME</c>, last defined first: those on events go before what they stand on. A line of the
    /// list reads <c>p:GROUP/NAME PLACE …</c> (Documentation/trace/kprobetrace.rst).
    /// </summary>
    private static List<string> Probes(Func<Owner, bool> isGone)
    {
        if (KernelFile.Read($"{Tracing}/dynamic_events", out var list) != Errno.None) return [];
        return [.. list.Split('\n').Select(ProbeName).Where(name => Owner.Parse(name.Split('/')[0]) is { } owner && isGone(owner)).Reverse()];
    }

    private static string ProbeName(string line)
    {
        var word = line.Split(' ')[0];
        return word[(word.IndexOf(':') + 1)..];
    }

    private static void Take(string what, Func<Errno> remove, List<string> stayed)
    {
        var begin = Stopwatch.GetTimestamp();
        Errno error;
        while ((error = remove()) == Errno.EBUSY && Stopwatch.GetElapsedTime(begin) < Patience)
            Thread.Sleep(20); // waits: for a killed process's mounts and open files to go, until the patience above
        if (error is not (Errno.None or Errno.ENOENT)) stayed.Add($"{what} stayed: {error}");
    }
}
