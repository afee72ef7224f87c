using System.Diagnostics;

namespace HilTests.Agent.Boot;

/// <summary>A virtio block device that the host adds to the machine, known by the serial it was given.</summary>
internal static class AddedDisk
{
    private const string BlockFolder = "/sys/block";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Loads the driver and waits until the disk and its device node are there.</summary>
    /// <exception cref="IOException">No such disk within 20 s; names the block devices that are there.</exception>
    public static void WaitFor(string serial)
    {
        ModuleLoader.Load("virtio_blk");
        long start = Stopwatch.GetTimestamp();
        while (!IsThere(serial))
        {
            if (Stopwatch.GetElapsedTime(start) > Deadline)
            {
                throw new IOException($"no disk with the serial {serial} within {Deadline.TotalSeconds:0} s; there are: " +
                    string.Join(", ", Directory.EnumerateDirectories(BlockFolder).Select(Path.GetFileName)));
            }
            Thread.Sleep(1); // waits: for the disk to appear in sysfs, until the deadline above
        }
    }

    private static bool IsThere(string serial) =>
        Directory.EnumerateDirectories(BlockFolder, "vd*").Any(disk => Serial(disk) == serial && File.Exists("/dev/" + Path.GetFileName(disk)));

    private static string Serial(string disk)
    {
        try
        {
            return File.ReadAllText(disk + "/serial").Trim();
        }
        catch (IOException)
        {
            return ""; // Not ready yet, or just gone.
        }
    }
}
