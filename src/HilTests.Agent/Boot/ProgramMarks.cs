using System.Text;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Boot;

/// <summary>
/// Says on the console which program the kernel's lines belong to. A program that the kernel was silent about costs one
/// system call; after one that it spoke about stands a mark <c>program #3 tx-basic logged the lines above</c>, where
/// the number counts the Run requests since boot. The host's RunSession reads the marks.
/// </summary>
internal sealed unsafe class ProgramMarks
{
    /// <summary>A record of /dev/kmsg is at most this long (kernel/printk/printk.c, PRINTK_MESSAGE_MAX).</summary>
    private const int LongestRecord = 8192;

    private const int Error = 3;
    private const int Information = 6;

    /// <summary>Warnings and worse count where the machine is not ours: as in the VMs.</summary>
    private const int LocalLevel = 5;

    private readonly FileDescriptor _log;
    private readonly int _consoleLevel;
    private readonly int _priority;
    private readonly byte[] _record = new byte[LongestRecord];
    private int _number;

    private ProgramMarks(FileDescriptor log, int consoleLevel, int priority)
    {
        _log = log;
        _consoleLevel = consoleLevel;
        _priority = priority;
    }

    /// <summary>Begins to watch the log; the lines before now belong to no program.</summary>
    /// <exception cref="SyscallException">there is no kernel log to read</exception>
    public static ProgramMarks Open()
    {
        KernelLog.Write(Error, "programs begin");
        var level = File.ReadAllText("/proc/sys/kernel/printk").Split('\t', ' ')[0];
        return Open(int.Parse(level), Error);
    }

    /// <summary>
    /// The same on a machine that is not ours: nothing is written before the kernel has said something, and not in a way
    /// that would reach its console.
    /// </summary>
    /// <exception cref="SyscallException">there is no kernel log to read</exception>
    public static ProgramMarks OpenLocal() => Open(LocalLevel, Information);

    private static ProgramMarks Open(int level, int priority)
    {
        var log = FileDescriptor.Open("/dev/kmsg", fcntl_h.O_RDONLY | fcntl_h.O_NONBLOCK).OrThrow("watch the kernel's log");
        Sys.Check(libc.lseek(log.Number, 0, unistd_h.SEEK_END), "lseek", "/dev/kmsg").OrThrow("watch the kernel's log");
        return new ProgramMarks(log, level, priority);
    }

    /// <summary>Counts a request.</summary>
    public void Begin() => _number++;

    /// <summary>Marks what the kernel said since the last mark as this program's.</summary>
    public void End(string program)
    {
        if (!HasSpoken()) return;
        KernelLog.Write(_priority, $"program #{_number} {program} logged the lines above");
        HasSpoken();
    }

    /// <summary>Reads on to the log's end.</summary>
    /// <returns>whether there was anything that also stands on the console</returns>
    private bool HasSpoken()
    {
        var hasSpoken = false;
        while (true)
        {
            nint length;
            fixed (byte* record = _record) length = libc.read(_log, record, (nuint)_record.Length);
            // Nothing more; or EPIPE, where the kernel wrote so much that records were overwritten.
            var outcome = Sys.Check(length, "read", "/dev/kmsg");
            if (outcome.Error == Errno.EPIPE) hasSpoken = true;
            else if (!outcome.Ok) return hasSpoken;
            else hasSpoken |= Level(_record.AsSpan(0, (int)length)) < _consoleLevel;
        }
    }

    /// <summary>
    /// The level in a record's first field, <c>facility * 8 + level</c> (Documentation/ABI/testing/dev-kmsg). What other
    /// programs write there has a facility and counts as level 7.
    /// </summary>
    private static int Level(ReadOnlySpan<byte> record)
    {
        var comma = record.IndexOf((byte)',');
        return comma > 0 && int.TryParse(Encoding.ASCII.GetString(record[..comma]), out var prefix) ? (prefix < 8 ? prefix : 7) : 0;
    }
}
