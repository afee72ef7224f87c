using HilTests.Uapi.Libc;
using Microsoft.Win32.SafeHandles;

namespace HilTests.Uapi;

/// <summary>
/// Owns a file descriptor and closes it once, also when it is forgotten. A handle that says IsInvalid
/// owns nothing.
/// </summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Owns nothing yet.</summary>
    public FileDescriptor()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Owns <paramref name="number"/> from now on.</summary>
    public FileDescriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number, for a structure or a call that wants it; -1 when nothing is owned. Keep the owner alive.</summary>
    public int Number => IsClosed ? -1 : (int)handle;

    /// <summary>Opens <paramref name="path"/> as open(2) does.</summary>
    /// <returns>The descriptor, or the errno.</returns>
    public static SyscallResult<FileDescriptor> Open(string path, int flags, uint mode = 0) =>
        Sys.Descriptor(libc.open(path, flags, mode), "open", path);

    /// <summary>Gives the number away: the caller closes it.</summary>
    public int Release()
    {
        var number = Number;
        SetHandleAsInvalid();
        return number;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => libc.close((int)handle) == 0;
}
