using System.Runtime.CompilerServices;
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

    /// <summary>Asks the driver behind this descriptor, without an argument or with a plain number as the argument.</summary>
    /// <param name="request">The request; its spelling becomes <see cref="SyscallResult.Call"/>.</param>
    /// <param name="argument">The number, or an address that may well be wrong.</param>
    /// <param name="call">The request's name in C.</param>
    public SyscallResult Ioctl(
        uint request, nint argument = 0, [CallerArgumentExpression(nameof(request))] string call = "") =>
        Sys.Check(libc.ioctl(this, request, argument), CName(call));

    /// <summary>Asks the driver behind this descriptor with a structure that goes in, out or both.</summary>
    /// <inheritdoc cref="Ioctl(uint, nint, string)"/>
    public SyscallResult Ioctl<T>(
        uint request, ref T argument, [CallerArgumentExpression(nameof(request))] string call = "")
        where T : unmanaged => Sys.Check(libc.ioctl(this, request, ref argument), CName(call));

    /// <summary>Asks the driver behind this descriptor for a value.</summary>
    /// <param name="request">The request.</param>
    /// <param name="value">What the driver wrote; zero with an error.</param>
    /// <param name="call">The request's name in C.</param>
    public SyscallResult IoctlGet<T>(
        uint request, out T value, [CallerArgumentExpression(nameof(request))] string call = "")
        where T : unmanaged
    {
        value = default;
        return Sys.Check(libc.ioctl(this, request, ref value), CName(call));
    }

    /// <summary>Hands the driver behind this descriptor a value.</summary>
    /// <inheritdoc cref="Ioctl(uint, nint, string)"/>
    public SyscallResult IoctlSet<T>(
        uint request, T value, [CallerArgumentExpression(nameof(request))] string call = "")
        where T : unmanaged => Sys.Check(libc.ioctl(this, request, ref value), CName(call));

    /// <summary>Reads at most <paramref name="buffer"/>'s length in bytes; the result is how many came.</summary>
    public unsafe SyscallResult Read(Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            return Sys.Check(libc.read(this, p, (nuint)buffer.Length), "read");
        }
    }

    /// <summary>Writes <paramref name="buffer"/>; the result is how many bytes went.</summary>
    public unsafe SyscallResult Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            return Sys.Check(libc.write(this, p, (nuint)buffer.Length), "write");
        }
    }

    /// <summary>Waits until one of <paramref name="events"/> (POLL*) is there.</summary>
    /// <param name="events">What to wait for.</param>
    /// <param name="timeout">How long at most, to the millisecond; <see cref="Timeout.InfiniteTimeSpan"/> is for ever.</param>
    /// <returns>The events seen, POLLERR, POLLHUP and POLLNVAL included; 0 when the time is over.</returns>
    public unsafe SyscallResult Poll(int events, TimeSpan timeout)
    {
        var one = new pollfd { fd = Number, events = (short)events };
        var milliseconds = timeout == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Ceiling(timeout.TotalMilliseconds);
        var result = Sys.Check(libc.poll(&one, 1, milliseconds), "poll");
        GC.KeepAlive(this);
        return result.Ok ? result with { Value = one.revents } : result;
    }

    /// <summary>Gives the number away: the caller closes it.</summary>
    public int Release()
    {
        var number = Number;
        SetHandleAsInvalid();
        return number;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => libc.close((int)handle) == 0;

    /// <summary>The name without the class it was reached through.</summary>
    private static string CName(string spelling) => spelling[(spelling.LastIndexOf('.') + 1)..];
}
