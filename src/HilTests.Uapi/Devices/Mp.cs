using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.mp_h;

namespace HilTests.Uapi.Devices;

/// <summary>
/// /dev/mp of this project's own module, one method a request: a pass-through back end whose requests complete when it is told to. An open file is
/// one back end; closing it drops what was not read.
/// </summary>
public sealed class Mp : IDisposable
{
    /// <summary>Where the node is.</summary>
    public const string DefaultPath = "/dev/mp";

    private Mp(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node; what vhost-net-async takes as a back end.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens the node.</summary>
    public static SyscallResult<Mp> Open(string path = DefaultPath) =>
        FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC | fcntl_h.O_NONBLOCK).Then(fd => new Mp(fd));

    /// <summary>MP_SET_HEADER: bytes of virtio-net header before each frame, 0 to 12.</summary>
    public SyscallResult SetHeader(uint bytes) => Descriptor.IoctlSet(MP_SET_HEADER, bytes);

    /// <summary>MP_SET_CAPTURE: whether frames that were sent are kept for <see cref="Read"/>.</summary>
    public SyscallResult SetCapture(bool on) => Descriptor.IoctlSet(MP_SET_CAPTURE, on ? 1u : 0u);

    /// <summary>MP_SET_MODE.</summary>
    public SyscallResult SetMode(uint ring, bool hold, uint context) => Descriptor.IoctlSet(MP_SET_MODE, new mp_mode { ring = ring, hold = hold ? 1u : 0u, context = context });

    /// <summary>MP_RELEASE.</summary>
    public SyscallResult Release(mp_release request) => Descriptor.IoctlSet(MP_RELEASE, request);

    /// <summary>MP_REFUSE: <paramref name="error"/> is a negative errno, or 0.</summary>
    public SyscallResult Refuse(uint ring, int error) => Descriptor.IoctlSet(MP_REFUSE, new mp_refuse { ring = ring, error = error });

    /// <summary>MP_COUNT.</summary>
    public SyscallResult Count(out mp_count count) => Descriptor.IoctlGet(MP_COUNT, out count);

    /// <summary>A packet towards the vhost device; errors: EMSGSIZE, ENOMEM.</summary>
    public SyscallResult Write(ReadOnlySpan<byte> packet) => Descriptor.Write(packet);

    /// <summary>The next frame that the vhost device has sent, cut to the buffer; EAGAIN where there is none.</summary>
    public SyscallResult Read(Span<byte> frame) => Descriptor.Read(frame);

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
