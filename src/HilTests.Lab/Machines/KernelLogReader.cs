using System.Globalization;
using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace HilTests.Lab.Machines;

/// <summary>
/// Follows the log of this machine's own kernel (<c>/dev/kmsg</c>) from now on, and makes a console of it as a VM has
/// one: the kernel's own lines from warnings up, and the marks that one agent leaves between them. What other programs
/// write there, other agents included, is left out.
/// </summary>
internal sealed class KernelLogReader : IDisposable
{
    private const string Log = "/dev/kmsg";

    /// <summary>A record is at most this long (kernel/printk/printk.c, PRINTK_MESSAGE_MAX).</summary>
    private const int LongestRecord = 8192;

    /// <summary>Levels below this one are kept: emergencies (0) to warnings (4).</summary>
    private const int Notice = 5;

    /// <summary>How often the reader looks whether it is to stop; the log itself wakes it at once.</summary>
    private const int StopCheckMilliseconds = 100;

    private readonly int _log;
    private readonly Action<string> _onText;
    private readonly Thread _thread;
    private volatile string? _owner;
    private volatile bool _stopped;

    private KernelLogReader(int log, Action<string> onText)
    {
        _log = log;
        _onText = onText;
        _thread = new Thread(Follow) { IsBackground = true, Name = "hil-kernel-log" };
        _thread.Start();
    }

    /// <summary>Begins to read.</summary>
    /// <param name="onText">gets whole lines, each with its line end, on the reader's own thread</param>
    /// <returns>the reader; null where this user may not read the log</returns>
    public static KernelLogReader? Open(Action<string> onText)
    {
        int log = Syscall.open(Log, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC);
        if (log < 0)
            return null;
        _ = Syscall.lseek(log, 0, SeekFlags.SEEK_END);
        onText("hil-agent: programs begin\n");
        return new KernelLogReader(log, onText);
    }

    /// <summary>Names the agent whose marks count.</summary>
    public void Mark(string owner) => _owner = owner;

    /// <summary>A record as a line of a console; null where it does not stand there.</summary>
    /// <param name="record"><c>PREFIX,SEQUENCE,MICROSECONDS,FLAGS;TEXT</c> and lines of properties (Documentation/ABI/testing/dev-kmsg)</param>
    /// <param name="owner">the agent whose marks count</param>
    internal static string? Line(string record, string? owner)
    {
        int semicolon = record.IndexOf(';');
        string[] fields = record[..Math.Max(semicolon, 0)].Split(',');
        if (fields.Length < 3 || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
            || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds))
            return null;
        string text = record[(semicolon + 1)..].Split('\n')[0];
        string marks = $"hil-agent {owner}: ";
        bool isMark = owner is not null && text.StartsWith(marks, StringComparison.Ordinal);
        // Facility 0 is the kernel itself.
        if (!isMark && prefix >= Notice)
            return null;
        string shown = isMark ? $"hil-agent: {text[marks.Length..]}" : text;
        return string.Create(CultureInfo.InvariantCulture, $"[{microseconds / 1_000_000,5}.{microseconds % 1_000_000:000000}] {shown}");
    }

    /// <summary>Reads what is there and ends.</summary>
    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _ = Syscall.close(_log);
    }

    private void Follow()
    {
        var wait = new[] { new Pollfd { fd = _log, events = PollEvents.POLLIN } };
        nint buffer = Marshal.AllocHGlobal(LongestRecord);
        try
        {
            while (true)
            {
                bool last = _stopped;
                Drain(buffer);
                if (last)
                    return;
                _ = Syscall.poll(wait, StopCheckMilliseconds);
            }
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
        }
    }

    private void Drain(nint buffer)
    {
        while (true)
        {
            long length = Syscall.read(_log, buffer, LongestRecord);
            if (length < 0 && Stdlib.GetLastError() == Errno.EPIPE)
            {
                _onText("[… lines of the kernel's log were overwritten before they were read …]\n");
                continue;
            }
            if (length <= 0)
                return;
            if (Line(Marshal.PtrToStringUTF8(buffer, (int)length), _owner) is { } line)
                _onText(line + "\n");
        }
    }
}
