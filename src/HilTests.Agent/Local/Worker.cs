using HilTests.Agent.Boot;
using HilTests.Agent.Transport;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Local;

/// <summary>The process on this very machine that runs programs, in namespaces of its own. It dies with its keeper.</summary>
internal static class Worker
{
    /// <returns>0 after a clean end, 1 where it could not begin or the stream held something that is no frame</returns>
    public static int Run(string ownerName)
    {
        Owner.Current = Owner.Parse(ownerName) ?? throw new ArgumentException($"'{ownerName}' names no owner");
        KernelLog.Speaker += $" {ownerName}";
        try
        {
            DieWithKeeper();
            LeaveTheMachinesOwn();
        }
        catch (SyscallException e)
        {
            Console.Error.WriteLine($"hil-agent: {e.Message}; run as root to drive devices");
            return 1;
        }
        return StandardStreams.Serve();
    }

    private static void DieWithKeeper()
    {
        Sys.Check(libc.prctl(sys_prctl_h.PR_SET_PDEATHSIG, signal_h.SIGKILL, 0, 0, 0), "prctl").OrThrow("die with the keeper");
        if (libc.getppid() != Owner.Current.Pid) throw new InvalidOperationException("the keeper is gone already");
    }

    /// <summary>
    /// Interfaces and mounts of the programs go into namespaces of their own, and so does the temporary folder, so that
    /// nothing of them is left when this process ends, however it ends. Called by the first thread; those that come
    /// later inherit it.
    /// </summary>
    private static void LeaveTheMachinesOwn()
    {
        Sys.Check(libc.unshare(sched_h.CLONE_NEWNET | sched_h.CLONE_NEWNS), "unshare").OrThrow("leave the machine's namespaces");
        // Or mounts would still be passed on to the machine's own namespace.
        Sys.Check(libc.mount("none", "/", "", mount_h.MS_REC | mount_h.MS_PRIVATE, null), "mount").OrThrow("keep mounts private");
        Sys.Check(libc.mount("hil", Path.GetTempPath(), "tmpfs", 0, null), "mount", Path.GetTempPath()).OrThrow("get a temporary folder of its own");
    }
}
