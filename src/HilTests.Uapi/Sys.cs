using System.Runtime.InteropServices;
using HilTests.Uapi.Linux;

namespace HilTests.Uapi;

/// <summary>The one check of a call's outcome: minus one means errno. To be used on the very result of the call.</summary>
public static class Sys
{
    /// <summary>The errno the last call on this thread left.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Turns a return value into a result.</summary>
    /// <param name="returned">What the call returned.</param>
    /// <param name="call">Its name in C.</param>
    /// <param name="path">The file or name it was about.</param>
    public static SyscallResult Check(long returned, string call, string? path = null) =>
        returned == -1 ? new(-1, LastError, call, path) : new(returned, Errno.None, call, path);

    /// <summary>Turns a returned descriptor into its owner, or the errno.</summary>
    /// <inheritdoc cref="Check"/>
    public static SyscallResult<FileDescriptor> Descriptor(int returned, string call, string? path = null) =>
        returned == -1
            ? new(null, LastError, call, path)
            : new(new FileDescriptor(returned), Errno.None, call, path);
}
