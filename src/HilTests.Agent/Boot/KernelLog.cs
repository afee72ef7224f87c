using System.Text;

namespace HilTests.Agent.Boot;

/// <summary>Lines for the kernel's log (<c>/dev/kmsg</c>), so that they stand among its own on the console.</summary>
internal static class KernelLog
{
    /// <summary>Who speaks; on a machine with several agents its owner's name stands behind.</summary>
    public static string Speaker { get; set; } = "hil-agent";

    /// <summary>Writes one line. A log that cannot be written goes to standard error instead.</summary>
    /// <param name="priority">As in syslog: 3 error, 4 warning, 6 information.</param>
    /// <param name="line">The text, one line.</param>
    public static void Write(int priority, string line)
    {
        byte[] record = Encoding.UTF8.GetBytes($"<{priority}>{Speaker}: {line}\n");
        try
        {
            using var log = new FileStream("/dev/kmsg", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            log.Write(record);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"hil-agent: {line} (not in the kernel log: {e.Message})");
        }
    }
}
