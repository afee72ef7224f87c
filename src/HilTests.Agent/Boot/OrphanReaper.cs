using System.Runtime.InteropServices;
using HilTests.Uapi.Libc;

namespace HilTests.Agent.Boot;

/// <summary>
/// Reaps processes whose parent died and that therefore became children of the first process. The runtime reaps
/// the children it started itself within milliseconds; what has been a zombie for longer is nobody's.
/// </summary>
internal sealed class OrphanReaper : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Timer _sweep;
    private readonly PosixSignalRegistration _childDied;
    private HashSet<int> _seen = [];

    public OrphanReaper()
    {
        _sweep = new Timer(_ => Sweep());
        _childDied = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => _sweep.Change(Grace, Timeout.InfiniteTimeSpan));
    }

    public void Dispose()
    {
        _childDied.Dispose();
        _sweep.Dispose();
    }

    private unsafe void Sweep()
    {
        HashSet<int> zombies = [.. Directory.EnumerateDirectories("/proc").Select(ZombieChild).Where(pid => pid > 0)];
        foreach (int pid in zombies.Where(_seen.Contains))
            libc.waitpid(pid, null, sys_wait_h.WNOHANG);
        bool newcomers = zombies.Any(pid => !_seen.Contains(pid));
        _seen = zombies;
        if (newcomers)
            _sweep.Change(Grace, Timeout.InfiniteTimeSpan);
    }

    /// <returns>The process id when the folder is that of a zombie whose parent is process 1, else 0.</returns>
    private static int ZombieChild(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder.AsSpan()), out int pid))
            return 0;
        try
        {
            string stat = File.ReadAllText(folder + "/stat");
            // "pid (name) state parent …"; the name may hold anything, so look behind its last bracket.
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith("Z 1 ", StringComparison.Ordinal) ? pid : 0;
        }
        catch (IOException)
        {
            return 0; // It is gone: exactly what is wanted.
        }
    }
}
