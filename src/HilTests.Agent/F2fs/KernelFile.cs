using System.Text;
using HilTests.Agent.Execution;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>Files of sysfs, configfs, procfs and tracefs: small text, one write a request, an errno as the answer.</summary>
internal static unsafe class KernelFile
{
    /// <summary>Writes the text in one write(2); the errno of open or write.</summary>
    public static Errno Write(string path, string text, int flags = fcntl_h.O_WRONLY)
    {
        var opened = FileDescriptor.Open(path, flags | fcntl_h.O_CLOEXEC);
        if (!opened.Ok) return opened.Error;
        using var file = opened.Value;
        var bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* start = bytes)
        {
            return Sys.Check(libc.write(file, start, (nuint)bytes.Length), "write", path).Error;
        }
    }

    /// <summary>Writes what must be accepted.</summary>
    /// <exception cref="AgentFailureException">with path, text and errno</exception>
    public static void Must(string path, string text, string purpose, int flags = fcntl_h.O_WRONLY)
    {
        var error = Write(path, text, flags);
        if (error != Errno.None) throw new AgentFailureException($"cannot {purpose}: writing '{text}' to {path} failed with {error}");
    }

    /// <summary>The whole text, or the errno of open or read.</summary>
    public static Errno Read(string path, out string text)
    {
        text = "";
        var opened = FileDescriptor.Open(path, fcntl_h.O_RDONLY | fcntl_h.O_CLOEXEC);
        if (!opened.Ok) return opened.Error;
        using var file = opened.Value;
        var all = new MemoryStream();
        var error = Drain(file, all);
        text = Encoding.ASCII.GetString(all.GetBuffer(), 0, (int)all.Length);
        return error;
    }

    /// <summary>The whole text of a file that must be there.</summary>
    /// <exception cref="AgentFailureException">with path and errno</exception>
    public static string MustRead(string path, string purpose)
    {
        var error = Read(path, out var text);
        return error == Errno.None ? text : throw new AgentFailureException($"cannot {purpose}: reading {path} failed with {error}");
    }

    /// <summary>Reads until the end, or until there is nothing more now (EAGAIN).</summary>
    public static Errno Drain(FileDescriptor file, Stream into)
    {
        var buffer = new byte[65536];
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var got = Sys.Check(libc.read(file, start, (nuint)buffer.Length), "read");
                if (got.Error == Errno.EINTR) continue;
                if (got.Error == Errno.EAGAIN || got is { Ok: true, Value: 0 }) return Errno.None;
                if (!got.Ok) return got.Error;
                into.Write(buffer, 0, (int)got.Value);
            }
        }
    }
}
