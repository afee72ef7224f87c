using System.Globalization;

namespace HilTests.Agent.Local;

/// <summary>
/// Whom something belongs to that the kernel does not take away with a process: null_blk devices, tracing instances,
/// probes, claims on modules. Its name says so, <c>hil_PIDNS_PID_START</c> in hexadecimal, where START is the process's
/// start time in clock ticks since boot (proc(5), field 22 of stat). Process ids are used again, both together are not.
/// </summary>
/// <param name="PidNamespace">inode of the process's pid namespace: ids of another one say nothing here</param>
/// <param name="Pid">process id</param>
/// <param name="Start">start time</param>
internal sealed record Owner(long PidNamespace, int Pid, long Start)
{
    private const string Prefix = "hil_";
    private const int StartField = 22;

    /// <summary>Who owns what this process makes: itself, or the keeper it works for.</summary>
    public static Owner Current { get; set; } = Of(Environment.ProcessId) ?? throw new InvalidOperationException("this process is not in /proc");

    /// <summary>The name; at most 28 characters, letters, digits and underscores, so that it fits everywhere.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{PidNamespace:x}_{Pid:x}_{Start:x}");

    /// <summary>Whether the owner may still be at work; one of another pid namespace counts as alive.</summary>
    public bool IsAlive => PidNamespace != OwnNamespace() || Of(Pid) == this;

    /// <summary>Reads a name; null where it is not that of an owner.</summary>
    public static Owner? Parse(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var parts = name[Prefix.Length..].Split('_');
        return parts.Length == 3 && TryHex(parts[0], out var space) && TryHex(parts[1], out var pid) && TryHex(parts[2], out var start)
            ? new Owner(space, (int)pid, start)
            : null;
    }

    /// <summary>The owner that a living process is; null where there is none. A zombie owns nothing any more.</summary>
    public static Owner? Of(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // "pid (name) state …"; the name may hold anything, so look behind its last bracket, where field 3 begins.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new Owner(OwnNamespace(), pid, long.Parse(fields[StartField - 3], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null; // No such process.
        }
    }

    private static bool TryHex(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);

    /// <summary>The link reads <c>pid:[4026531836]</c>.</summary>
    private static long OwnNamespace()
    {
        var link = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
        var open = link.IndexOf('[');
        return open >= 0 && long.TryParse(link.AsSpan(open + 1).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out var inode) ? inode : 0;
    }
}
