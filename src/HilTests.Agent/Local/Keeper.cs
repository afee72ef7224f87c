using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using HilTests.Agent.Execution;
using HilTests.Agent.F2fs;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Local;

/// <summary>
/// The parent of the process that runs programs on this very machine. It loads modules before and cleans up after,
/// however the worker ends; it is told to end by SIGTERM when the test host dies. What it cannot clean up because it was
/// killed itself, the next one does.
/// </summary>
internal static class Keeper
{
    /// <summary>A killed process is gone by then, unless one of its threads hangs in the kernel.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Serves with these modules until the test host hangs up.</summary>
    /// <param name="modules">what to load, each as on modprobe's command line</param>
    /// <returns>the worker's exit code, or 128 and the signal that killed it; 1 where it was not started</returns>
    public static int Run(IReadOnlyList<string> modules)
    {
        var stop = new TaskCompletionSource();
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        int code;
        try
        {
            Prepare();
            Tell(RemoveLeftovers(IsDead));
            ModuleClaims.Take(modules);
            code = Serve(stop.Task);
        }
        catch (Exception e) when (e is AgentFailureException or SyscallException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            Tell([e.Message]);
            code = 1;
        }
        Tell(CleanUp(owner => owner == Owner.Current || IsDead(owner)));
        return code;
    }

    /// <summary>Cleans up after agents that are gone.</summary>
    /// <returns>0, or 1 where something stayed; each is told on standard error</returns>
    public static int Sweep()
    {
        try
        {
            Prepare();
            var stayed = CleanUp(IsDead);
            Tell(stayed);
            return stayed.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
        {
            Tell([e.Message]);
            return 1;
        }
    }

    /// <summary>A mount namespace of its own, with the file systems in which leftovers are found.</summary>
    private static void Prepare()
    {
        Sys.Check(libc.unshare(sched_h.CLONE_NEWNS), "unshare").OrThrow("get a mount namespace of its own (run as root to drive devices)");
        Sys.Check(libc.mount("none", "/", "", mount_h.MS_REC | mount_h.MS_PRIVATE, null), "mount").OrThrow("keep mounts private");
        if (Directory.Exists(TraceInstance.Root) && !File.Exists($"{TraceInstance.Root}/trace"))
            Sys.Check(libc.mount("none", TraceInstance.Root, "tracefs", 0, null), "mount", TraceInstance.Root).OrThrow("mount tracefs");
    }

    private static int Serve(Task stop)
    {
        var self = Environment.ProcessPath ?? throw new AgentFailureException("the agent does not know its own path");
        // Its streams are ours: frames do not pass through here.
        using var worker = Process.Start(new ProcessStartInfo(self, ["--worker", Owner.Current.Name]))
            ?? throw new AgentFailureException("the worker could not be started");
        var ended = worker.WaitForExitAsync();
        if (Task.WaitAny(ended, stop) != 0)
        {
            worker.Kill();
            if (!ended.Wait(Grace))
            {
                Tell([$"a thread of process {worker.Id} hangs in the kernel; what it uses stays until the machine is started anew"]);
                return 128 + signal_h.SIGKILL;
            }
        }
        return worker.ExitCode;
    }

    private static List<string> CleanUp(Func<Owner, bool> isGone)
    {
        var stayed = RemoveLeftovers(isGone);
        return [.. stayed, .. ModuleClaims.Give(isGone)];
    }

    private static IReadOnlyList<string> RemoveLeftovers(Func<Owner, bool> isGone)
    {
        // null_blk devices live in configfs. It does not stay mounted: its module may be one that is to be unloaded.
        var mounted = MountConfigfs();
        var stayed = Leftovers.Remove(isGone);
        if (mounted) libc.umount2(NullBlkDisk.ConfigRoot, 0);
        return stayed;
    }

    private static bool MountConfigfs() => Directory.Exists(NullBlkDisk.ConfigRoot) && !Directory.Exists(NullBlkDisk.Folder)
        && Sys.Check(libc.mount("none", NullBlkDisk.ConfigRoot, "configfs", 0, null), "mount").Ok;

    private static bool IsDead(Owner owner) => !owner.IsAlive;

    private static void Tell(IEnumerable<string> lines)
    {
        foreach (var line in lines) Console.Error.WriteLine($"hil-agent: {line}");
    }
}
