using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <content>
/// Processes, namespaces, mounts, modules, time. setns, unshare, prctl and sched_setaffinity (with 0) act on the
/// calling thread: use them on a thread of your own.
/// </content>
public static unsafe partial class libc
{
    /// <summary>Mounts; <paramref name="flags"/> are MS_*, null stands for "none". See mount(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string? source, string target, string? type, nuint flags, string? data);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    /// <summary>Enters a namespace. See setns(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setns(int fd, int type);

    /// <summary>Leaves shared namespaces for new ones; flags are CLONE_NEW*. See unshare(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint a2, nuint a3, nuint a4, nuint a5);

    /// <summary>Halts or restarts the machine at once, without sync. See reboot(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int reboot(int command);

    [LibraryImport(Library)]
    public static partial int getpid();

    [LibraryImport(Library)]
    public static partial int getppid();

    [LibraryImport(Library)]
    public static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    /// <summary>Waits for a child; <paramref name="status"/> is coded as in sys/wait.h. See waitpid(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitpid(int pid, int* status, int options);

    /// <summary>Replaces the program of this process. Both lists end with a null pointer. See execve(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int execve(byte* path, byte** arguments, byte** environment);

    /// <summary>
    /// Starts a program. Returns the error number itself and leaves errno alone. Attributes are not bound: pass null.
    /// See posix_spawn(3).
    /// </summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn(
        int* pid, byte* path, posix_spawn_file_actions_t* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(posix_spawn_file_actions_t* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t* actions, int fd, int newfd);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t* actions);

    /// <summary>Binds a thread (0: the calling one) to CPUs; bit n of the mask is CPU n. See sched_setaffinity(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_setaffinity(int tid, nuint size, void* mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_getaffinity(int tid, nuint size, void* mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_gettime(int clock, timespec* time);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_getres(int clock, timespec* time);

    // Sets a clock; needs CAP_SYS_TIME.
    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_settime(int clock, timespec* time);

    /// <summary>Sleeps; EINTR leaves the rest in <paramref name="left"/> unless that is null. See nanosleep(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int nanosleep(timespec* time, timespec* left);

    /// <summary>Any system call by number, see sys_syscall_h. Arguments that are not used are 0.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint a1, nint a2, nint a3, nint a4, nint a5, nint a6);

    /// <summary>Loads a kernel module from a file; parameters are as on insmod's command line. See finit_module(2).</summary>
    public static int finit_module(int fd, string parameters, int flags)
    {
        fixed (byte* p = NulTerminated(parameters))
        {
            return (int)syscall(sys_syscall_h.SYS_finit_module, fd, (nint)p, flags, 0, 0, 0);
        }
    }

    /// <summary>Unloads a kernel module; flags are O_NONBLOCK and O_TRUNC (by force). See delete_module(2).</summary>
    public static int delete_module(string name, int flags)
    {
        fixed (byte* p = NulTerminated(name))
        {
            return (int)syscall(sys_syscall_h.SYS_delete_module, (nint)p, flags, 0, 0, 0, 0);
        }
    }

    /// <summary>MEMBARRIER_CMD_GLOBAL waits until every processor has left what it did in the kernel's RCU sections. See membarrier(2).</summary>
    public static int membarrier(int command) => (int)syscall(sys_syscall_h.SYS_membarrier, command, 0, 0, 0, 0, 0);

    private static byte[] NulTerminated(string text)
    {
        var bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(text) + 1];
        System.Text.Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
