using HilTests.Uapi.Linux;

namespace HilTests.Uapi;

/// <summary>A system call failed where it must not.</summary>
public sealed class SyscallException : Exception
{
    internal SyscallException(Errno error, string call, string? path, string what)
        : base(Describe(error, call, path, what))
    {
        Error = error;
        Call = call;
        Path = path;
    }

    /// <summary>The errno.</summary>
    public Errno Error { get; }

    /// <summary>The call's name in C.</summary>
    public string Call { get; }

    /// <summary>The file or name it was about, or null.</summary>
    public string? Path { get; }

    private static string Describe(Errno error, string call, string? path, string what) =>
        $"cannot {what}: {call}{(path is null ? "" : $" of {path}")} failed with {error} ({(int)error}{Hint(error, path)})";

    private static string Hint(Errno error, string? path) => error switch
    {
        Errno.EPERM or Errno.EACCES => "; it needs more rights: run as root",
        Errno.ENOENT or Errno.ENODEV or Errno.ENXIO when path?.StartsWith("/dev/", StringComparison.Ordinal) == true =>
            "; is the module loaded and the node there?",
        _ => "",
    };
}
