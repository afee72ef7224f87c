using System.Text;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Boot;

/// <summary>What the kernel logs while modules are loaded: it gives its reasons there, not in the errno ("Unknown symbol").</summary>
internal sealed unsafe class KernelWords : IDisposable
{
    /// <summary>A record of /dev/kmsg is at most this long (kernel/printk/printk.c, PRINTK_MESSAGE_MAX).</summary>
    private const int LongestRecord = 8192;

    private const int MostLines = 5;

    private readonly FileDescriptor? _log;

    private KernelWords(FileDescriptor? log) => _log = log;

    /// <summary>Begins to listen; without rights to read the log nothing is ever heard.</summary>
    public static KernelWords Listen()
    {
        var opened = FileDescriptor.Open("/dev/kmsg", fcntl_h.O_RDONLY | fcntl_h.O_NONBLOCK | fcntl_h.O_CLOEXEC);
        if (!opened.Ok) return new KernelWords(null);
        _ = libc.lseek(opened.Value.Number, 0, unistd_h.SEEK_END);
        return new KernelWords(opened.Value);
    }

    /// <summary>The lines since the last question that name this module; at most a few.</summary>
    public IReadOnlyList<string> About(string module)
    {
        var lines = new List<string>();
        if (_log is null) return lines;
        byte[] record = new byte[LongestRecord];
        while (true)
        {
            nint length;
            fixed (byte* start = record) length = libc.read(_log, start, (nuint)record.Length);
            var got = Sys.Check(length, "read", "/dev/kmsg");
            if (got.Error == Errno.EPIPE) continue; // Records were overwritten; reading goes on with the oldest.
            if (!got.Ok || length == 0) return lines;
            string line = TextOf(Encoding.UTF8.GetString(record, 0, (int)length));
            if (lines.Count < MostLines && line.Contains(module, StringComparison.Ordinal)) lines.Add(line);
        }
    }

    public void Dispose() => _log?.Dispose();

    /// <summary>Behind the ';', up to the end of the line (Documentation/ABI/testing/dev-kmsg).</summary>
    private static string TextOf(string record)
    {
        string text = record[(record.IndexOf(';') + 1)..];
        int end = text.IndexOf('\n');
        return end < 0 ? text : text[..end];
    }
}
