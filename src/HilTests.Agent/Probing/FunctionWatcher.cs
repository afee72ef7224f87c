using System.Globalization;
using HilTests.Agent.F2fs;
using HilTests.Core.Channel;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Probing;

/// <summary>
/// Counts calls of functions of modules, by kprobes: the kernel itself keeps their counts (kprobe_profile), so that no buffer can overflow. The
/// probes write into a tracing instance of their own, which nobody reads.
/// </summary>
internal static class FunctionWatcher
{
    private const string Group = "hil_watch";
    private const string Instance = $"{TraceInstance.Root}/instances/{Group}";
    private const string Definitions = $"{TraceInstance.Root}/kprobe_events";

    private static readonly List<(WatchedFunction Function, string? Probe)> Watched = [];

    /// <summary>Watches these functions instead of those before.</summary>
    public static string Watch(IEnumerable<WatchedFunction> functions)
    {
        if (!File.Exists($"{TraceInstance.Root}/trace"))
            Sys.Check(libc.mount("none", TraceInstance.Root, "tracefs", 0, null), "mount", TraceInstance.Root).OrThrow("mount tracefs");
        End();
        var wanted = functions.ToList();
        if (wanted.Count == 0) return "";
        if (!Directory.Exists(Instance))
        {
            Sys.Check(libc.mkdir(Instance, 0x1c0), "mkdir", Instance).OrThrow("make a tracing instance");
            KernelFile.Must($"{Instance}/buffer_size_kb", "8", "make the instance's buffer small");
        }
        foreach (var function in wanted)
        {
            string probe = $"f{Watched.Count}";
            var defined = KernelFile.Write(Definitions, $"p:{Group}/{probe} {function.Module}:{function.Symbol}\n", fcntl_h.O_WRONLY | fcntl_h.O_APPEND);
            bool isOn = defined == Errno.None && KernelFile.Write($"{Instance}/events/{Group}/{probe}/enable", "1") == Errno.None;
            Watched.Add((function, isOn ? probe : null));
        }
        return Counts();
    }

    /// <summary>The counts since the functions are watched.</summary>
    public static string Counts()
    {
        var hits = new Dictionary<string, long>();
        if (Watched.Count > 0 && KernelFile.Read($"{TraceInstance.Root}/kprobe_profile", out string profile) == Errno.None)
        {
            foreach (string line in profile.Split('\n'))
            {
                // "  f0     312     0": name, hits, misses.
                if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var count, ..] && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                    hits[name] = number;
            }
        }
        return FunctionWatch.Answer(Watched.Select(w => (w.Function, w.Probe is { } probe ? hits.GetValueOrDefault(probe) : (long?)null)));
    }

    private static void End()
    {
        if (Watched.Count == 0) return;
        if (Directory.Exists($"{Instance}/events/{Group}")) KernelFile.Write($"{Instance}/events/{Group}/enable", "0");
        foreach (var (_, probe) in Watched)
        {
            if (probe is not null) KernelFile.Write(Definitions, $"-:{Group}/{probe}\n", fcntl_h.O_WRONLY | fcntl_h.O_APPEND);
        }
        Watched.Clear();
    }
}
