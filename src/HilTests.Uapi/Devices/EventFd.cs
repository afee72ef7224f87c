using System.Buffers.Binary;
using HilTests.Uapi.Libc;

namespace HilTests.Uapi.Devices;

/// <summary>An eventfd: a 64 bit counter that can be added to, taken and waited for. See eventfd(2).</summary>
public sealed class EventFd : IDisposable
{
    private EventFd(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The descriptor to hand to a device.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Makes one.</summary>
    /// <param name="initial">Its first value.</param>
    /// <param name="flags">EFD_NONBLOCK, EFD_SEMAPHORE.</param>
    public static SyscallResult<EventFd> Create(uint initial = 0, int flags = sys_eventfd_h.EFD_NONBLOCK) =>
        Sys.Descriptor(libc.eventfd(initial, flags | sys_eventfd_h.EFD_CLOEXEC), "eventfd").Then(fd => new EventFd(fd));

    /// <summary>Adds to the counter; the result is 8, or EAGAIN when it would overflow.</summary>
    public SyscallResult Signal(ulong count = 1)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, count);
        return Descriptor.Write(bytes);
    }

    /// <summary>Takes the counter back to 0; EAGAIN when it is 0 already and the eventfd does not block.</summary>
    public SyscallResult Take(out ulong count)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        var result = Descriptor.Read(bytes);
        count = result.Ok ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return result;
    }

    /// <summary>Waits until the counter is not 0.</summary>
    /// <param name="timeout">How long at most, to the millisecond.</param>
    /// <returns>POLLIN, or 0 when the time is over.</returns>
    public SyscallResult Wait(TimeSpan timeout) => Descriptor.Poll(poll_h.POLLIN, timeout);

    /// <summary>Closes it; a device that was given it keeps its own hold.</summary>
    public void Dispose() => Descriptor.Dispose();
}
