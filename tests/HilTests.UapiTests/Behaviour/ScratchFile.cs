using HilTests.Uapi;
using HilTests.Uapi.Libc;

namespace HilTests.UapiTests.Behaviour;

/// <summary>An open file of a test's own that is gone with it: unlinked as soon as it is open.</summary>
internal sealed class ScratchFile : IDisposable
{
    public ScratchFile(byte[]? content = null, string? folder = null)
    {
        var path = Path.Combine(folder ?? AppContext.BaseDirectory, $"scratch-{Guid.NewGuid():N}");
        File = FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CREAT | fcntl_h.O_EXCL | fcntl_h.O_CLOEXEC, 0x180)
            .OrThrow("make a scratch file");
        Sys.Check(libc.unlink(path), "unlink", path).OrThrow("remove the scratch file's name");
        if (content is not null)
            File.Write(content).OrThrow("fill the scratch file");
    }

    public FileDescriptor File { get; }

    public void Dispose() => File.Dispose();
}
