using System.Diagnostics;

namespace HilTests.Agent.Transport;

/// <summary>The virtio-serial port that leads to the host.</summary>
internal static class VirtioPort
{
    private const string ClassFolder = "/sys/class/virtio-ports";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Waits for the port named <paramref name="name"/> and opens it for reading and writing.</summary>
    /// <exception cref="IOException">No such port within 20 s; names the ports that are there.</exception>
    public static FileStream Open(string name)
    {
        // The driver learns of its ports from the device after it is loaded, so the port may be a moment late.
        long start = Stopwatch.GetTimestamp();
        string? device;
        while ((device = Find(name)) is null)
        {
            if (Stopwatch.GetElapsedTime(start) > Deadline)
            {
                throw new IOException($"no virtio-serial port named {name} within {Deadline.TotalSeconds:0} s; " +
                    $"there are: {string.Join(", ", Names())}. Are virtio_pci and virtio_console loaded?");
            }
            Thread.Sleep(1); // waits: for the port to appear in sysfs, until the deadline above
        }
        return new FileStream(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    private static string? Find(string name)
    {
        if (!Directory.Exists(ClassFolder))
            return null;
        foreach (string port in Directory.EnumerateDirectories(ClassFolder))
        {
            string device = "/dev/" + Path.GetFileName(port);
            if (ReadName(port) == name && File.Exists(device))
                return device;
        }
        return null;
    }

    private static string[] Names() =>
        Directory.Exists(ClassFolder) ? [.. Directory.EnumerateDirectories(ClassFolder).Select(ReadName)] : [];

    private static string ReadName(string port)
    {
        string file = Path.Combine(port, "name");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }
}
