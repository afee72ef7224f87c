using System.Diagnostics;
using HilTests.Agent.Execution;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>
/// What <c>mkfs.f2fs -t 0</c> writes to a disk of one size. The tool runs once a size, on a file; every disk gets a
/// copy in a few large writes, which also spares slow disks the tool's many small ones.
/// </summary>
internal sealed unsafe class FormatImage
{
    private const int Chunk = 1 << 20;
    private static readonly string[] Places = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];
    private static readonly Dictionary<long, FormatImage> BySize = [];
    private readonly List<(long Offset, byte[] Bytes)> _parts = [];

    /// <summary>The image for a disk of that many bytes.</summary>
    /// <exception cref="AgentFailureException">the tool is missing or failed</exception>
    public static FormatImage Of(long bytes)
    {
        lock (BySize)
        {
            if (!BySize.TryGetValue(bytes, out var image)) BySize[bytes] = image = Make(bytes);
            return image;
        }
    }

    /// <summary>Writes the image to a disk and waits until it is there.</summary>
    public void WriteTo(string node)
    {
        using var disk = FileDescriptor.Open(node, fcntl_h.O_WRONLY | fcntl_h.O_CLOEXEC).OrThrow("format the disk");
        foreach (var (offset, bytes) in _parts)
        {
            fixed (byte* start = bytes)
            {
                var wrote = Sys.Check(libc.pwrite(disk.Number, start, (nuint)bytes.Length, offset), "pwrite", node).OrThrow("format the disk");
                if (wrote != bytes.Length) throw new AgentFailureException($"formatting {node} wrote {wrote} of {bytes.Length} bytes at {offset}");
            }
        }
        Sys.Check(libc.fsync(disk.Number), "fsync", node).OrThrow("format the disk");
    }

    private static FormatImage Make(long bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"hil-mkfs-{Environment.ProcessId}");
        var file = FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CREAT | fcntl_h.O_TRUNC | fcntl_h.O_CLOEXEC, 0x180).OrThrow("make an image to format");
        using (file)
        {
            try
            {
                Sys.Check(libc.ftruncate(file.Number, bytes), "ftruncate", path).OrThrow("size the image");
                RunTool(path);
                return Read(file, bytes);
            }
            finally
            {
                libc.unlink(path);
            }
        }
    }

    private static FormatImage Read(FileDescriptor file, long bytes)
    {
        var image = new FormatImage();
        for (long position = 0; position < bytes;)
        {
            var data = Sys.Check(libc.lseek(file.Number, position, unistd_h.SEEK_DATA), "SEEK_DATA");
            if (data.Error == Errno.ENXIO) break;
            var end = Sys.Check(libc.lseek(file.Number, data.OrThrow("read the image"), unistd_h.SEEK_HOLE), "SEEK_HOLE").OrThrow("read the image");
            for (position = data.Value; position < end; position += Chunk)
            {
                var part = new byte[Math.Min(Chunk, end - position)];
                fixed (byte* start = part)
                {
                    Sys.Check(libc.pread(file.Number, start, (nuint)part.Length, position), "pread").OrThrow("read the image");
                }
                image._parts.Add((position, part));
            }
            position = end;
        }
        return image;
    }

    private static void RunTool(string path)
    {
        // A first process has no PATH, and others need not have the administrator's folders in theirs.
        var tool = Places.Select(place => $"{place}/mkfs.f2fs").FirstOrDefault(File.Exists)
            ?? throw new AgentFailureException($"mkfs.f2fs is in none of {string.Join(", ", Places)}: install f2fs-tools");
        using var mkfs = Process.Start(new ProcessStartInfo(tool, ["-f", "-t", "0", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new AgentFailureException("mkfs.f2fs could not be started");
        var errors = mkfs.StandardError.ReadToEndAsync();
        var said = mkfs.StandardOutput.ReadToEnd();
        mkfs.WaitForExit();
        if (mkfs.ExitCode != 0) throw new AgentFailureException($"mkfs.f2fs failed with exit code {mkfs.ExitCode}: {said} {errors.Result}");
    }
}
