using System.Diagnostics;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Local;

/// <summary>
/// Loads the modules that this machine's devices need and unloads them when the last agent that needs them is done.
/// What was loaded stands in a file named after its owner in <see cref="Folder"/>, written before anything is loaded,
/// so that it is also found after a kill. Whoever ends while others work hands its list to one of them.
/// </summary>
internal static class ModuleClaims
{
    public const string Folder = "/run/hil-agents";
    private const string LockName = "lock";
    private const string Modprobe = "modprobe";

    /// <summary>
    /// The kernel does not count who uses an interface of these: unloading them would take away interfaces that
    /// somebody else has made meanwhile. They stay.
    /// </summary>
    private static readonly HashSet<string> Unaccounted = ["dummy", "tun", "veth"];

    /// <summary>How long a module may stay in use by what is just going away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Loading and unloading take a second or two, more on a slow machine.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(60);

    /// <summary>Takes over what dead owners have left, then loads what is not there.</summary>
    /// <param name="modules">each as on modprobe's command line: a name, then parameters</param>
    /// <exception cref="Execution.AgentFailureException">one cannot be loaded</exception>
    public static void Take(IReadOnlyList<string> modules)
    {
        using var turn = TakeTurn();
        List<string> claimed = [.. Inherited(owner => !owner.IsAlive)];
        foreach (var module in modules) claimed.AddRange(Needed(module));
        // The file is also there when it is empty: it says that this agent needs its modules.
        File.WriteAllLines(FileOf(Owner.Current), claimed.Distinct());
        foreach (var module in modules.Where(m => !IsLoaded(m.Split(' ')[0])))
        {
            var (code, said) = Run([Modprobe, .. module.Split(' ')]);
            if (code != 0) throw new Execution.AgentFailureException($"the kernel module {module.Split(' ')[0]} cannot be loaded: {said}");
        }
    }

    /// <summary>Hands the claims of these owners on, or unloads them where nobody else is at work.</summary>
    /// <returns>one line for each module that stayed</returns>
    public static IReadOnlyList<string> Give(Func<Owner, bool> isGone)
    {
        if (!Directory.Exists(Folder)) return [];
        using var turn = TakeTurn();
        List<string> claimed = [.. Inherited(isGone)];
        if (Owners().FirstOrDefault() is { } other)
        {
            File.AppendAllLines(FileOf(other), claimed);
            return [];
        }
        var stayed = Unload(claimed);
        turn.RemoveFolder();
        return stayed;
    }

    /// <summary>What loading a module would load, in that order, without what is loaded already.</summary>
    private static IEnumerable<string> Needed(string module)
    {
        var name = module.Split(' ')[0];
        if (IsLoaded(name)) return [];
        var (code, said) = Run([Modprobe, "--show-depends", name]);
        if (code != 0) throw new Execution.AgentFailureException($"there is no kernel module {name} for this kernel: {said}");
        // "insmod /lib/modules/…/loop.ko.xz max_loop=8" or "builtin loop"
        return said.Split('\n').Select(line => line.Split(' ')).Where(words => words is ["insmod", _, ..])
            .Select(words => Path.GetFileName(words[1]).Split('.')[0].Replace('-', '_')).Where(each => !IsLoaded(each));
    }

    private static List<string> Unload(List<string> modules)
    {
        var left = modules.Where(m => IsLoaded(m) && !Unaccounted.Contains(m)).Distinct().Reverse().ToList();
        var begin = Stopwatch.GetTimestamp();
        while (left.RemoveAll(TryUnload) > 0 || (left.Count > 0 && Stopwatch.GetElapsedTime(begin) < Patience))
            Thread.Sleep(20); // waits: for mounts and devices of a killed process to go, until the patience above
        return [.. left.Select(m => $"kernel module {m} stayed: it is in use")];
    }

    /// <summary>Without waiting or force: a module in use stays (delete_module(2)).</summary>
    private static bool TryUnload(string module) =>
        Sys.Check(libc.delete_module(module, fcntl_h.O_NONBLOCK), "delete_module").Error is Errno.None or Errno.ENOENT;

    private static bool IsLoaded(string module) => Directory.Exists($"/sys/module/{module.Replace('-', '_')}");

    /// <summary>Reads and removes the lists of these owners.</summary>
    private static List<string> Inherited(Func<Owner, bool> isGone)
    {
        var modules = new List<string>();
        foreach (var owner in Owners().Where(isGone))
        {
            modules.AddRange(File.ReadAllLines(FileOf(owner)));
            File.Delete(FileOf(owner));
        }
        return modules;
    }

    private static List<Owner> Owners() => [.. Directory.GetFiles(Folder).Select(file => Owner.Parse(Path.GetFileName(file))).OfType<Owner>()];

    private static string FileOf(Owner owner) => Path.Combine(Folder, owner.Name);

    private static (int Code, string Said) Run(string[] words)
    {
        using var tool = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new Execution.AgentFailureException($"{words[0]} could not be started");
        var errors = tool.StandardError.ReadToEndAsync();
        var said = tool.StandardOutput.ReadToEnd();
        tool.WaitForExit();
        return (tool.ExitCode, (said + errors.Result).Trim());
    }

    /// <exception cref="IOException">others do not give it back, or it cannot be had at all</exception>
    private static Turn TakeTurn()
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            Directory.CreateDirectory(Folder);
            var path = Path.Combine(Folder, LockName);
            try
            {
                // .NET locks a file that is opened without sharing by flock(2), which ends with its holder.
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (IsStillThere(file, path)) return new Turn(file);
                file.Dispose();
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(begin) < LongestTurn)
            {
                Thread.Sleep(20); // waits: for the turn of another agent, which takes as long as loading modules, or for its folder to go
            }
        }
    }

    /// <summary>Whoever ended last has removed the file that we waited for.</summary>
    private static unsafe bool IsStillThere(FileStream file, string path)
    {
        stat ours, there;
        return Sys.Check(libc.fstat((int)file.SafeFileHandle.DangerousGetHandle(), &ours), "fstat").Ok
            && Sys.Check(libc.stat(path, &there), "stat").Ok && ours.st_ino == there.st_ino;
    }

    /// <summary>One agent at a time may load, unload and change claims.</summary>
    private sealed class Turn(FileStream file) : IDisposable
    {
        public void RemoveFolder()
        {
            File.Delete(file.Name);
            libc.rmdir(Folder);
        }

        public void Dispose() => file.Dispose();
    }
}
