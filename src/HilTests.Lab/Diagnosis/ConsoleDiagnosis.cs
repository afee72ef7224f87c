using System.Text.RegularExpressions;

namespace HilTests.Lab.Diagnosis;

/// <summary>Reads a kernel's console for how it died. Decoding frames to source lines is not done here yet.</summary>
public static partial class ConsoleDiagnosis
{
    /// <summary>
    /// The title of the first crash on the console: what the kernel calls it, and the first function of its trace:
    /// <c>BUG: kernel NULL pointer dereference in f2fs_trim_fs</c>. Null when there is none.
    /// </summary>
    public static string? Title(string console)
    {
        string[] lines = [.. console.Split('\n').Select(Plain)];
        int at = Array.FindIndex(lines, line => Report().IsMatch(line));
        if (at < 0)
            return null;
        string what = Address().Replace(Report().Match(lines[at]).Value, "").TrimEnd(' ', ':', '-', ',');
        // Init died in user space: the frames are only the kernel's way to the panic.
        string? where = IsInitGone(what) ? null : Frame(lines, at);
        return where is null || what.Contains(where, StringComparison.Ordinal) ? what : $"{what} in {where}";
    }

    /// <summary>True for the line with which the agent, as first process, gives up.</summary>
    public static bool IsAgentFailure(string line) => line.Contains("hil-agent: fatal:", StringComparison.Ordinal);

    /// <summary>True for the line with which a kernel says that it panicked.</summary>
    public static bool IsPanic(string line) => line.Contains("Kernel panic - not syncing", StringComparison.Ordinal);

    /// <summary>
    /// True when the panic is that the first process, the agent, ended, or that the machine's memory was used up around
    /// it: a program that asked for too much, which says nothing about the kernel.
    /// </summary>
    public static bool IsInitGone(string console) => console.Contains("Attempted to kill init", StringComparison.Ordinal)
        || console.Contains("System is deadlocked on memory", StringComparison.Ordinal);

    // RIP names the function that failed; a BUG in a lock or a warning has only its trace.
    private static string? Frame(string[] lines, int from)
    {
        int end = Math.Min(lines.Length, from + 80);
        for (int i = from; i < end; i++)
        {
            if (Rip().Match(lines[i]) is { Success: true } rip)
                return rip.Groups["function"].Value;
        }
        int trace = Array.FindIndex(lines, from, end - from, l => l.Contains("Call Trace:", StringComparison.Ordinal));
        for (int i = trace + 1; trace >= 0 && i < end; i++)
        {
            var frame = TraceFrame().Match(lines[i]);
            if (frame.Success && !Machinery().IsMatch(frame.Groups["function"].Value))
                return frame.Groups["function"].Value;
        }
        return null;
    }

    private static string Plain(string line) => Stamp().Replace(line.TrimEnd('\r'), "");

    [GeneratedRegex(@"^(<\d+>)?\[\s*\d+\.\d+\](\[[^\]]*\])?\s?")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"BUG: .*|general protection fault.*|Oops: .*|kernel BUG at .*|KASAN: .*|WARNING: .*|watchdog: BUG: .*|" +
        @"INFO: task .* blocked for more than.*|rcu: INFO: .*(stall|starved).*|divide error: .*|invalid opcode: .*|unable to handle .*|Kernel panic - not syncing.*")]
    private static partial Regex Report();

    [GeneratedRegex(@"(, )?(address|at address)?:? ?(0x)?[0-9a-f]{16}|#PF: .*|\[#\d+\].*")]
    private static partial Regex Address();

    [GeneratedRegex(@"RIP: 0010:(?<function>[A-Za-z_][\w.]*)\+0x")]
    private static partial Regex Rip();

    [GeneratedRegex(@"^\s+(?<function>[A-Za-z_][\w.]*)\+0x[0-9a-f]+/0x")]
    private static partial Regex TraceFrame();

    [GeneratedRegex(@"^(dump_stack|show_stack|panic|__warn|report_bug|handle_bug|exc_|asm_exc_|die|oops|print_|__die|page_fault_oops|spin_dump|do_raw_)")]
    private static partial Regex Machinery();
}
