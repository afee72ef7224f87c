using System.Buffers.Binary;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Uapi.Devices;

/// <summary>A packet socket: whole frames of one interface, what vhost-net takes as a back end besides a tap. See packet(7).</summary>
public sealed class PacketSocket : IDisposable
{
    private PacketSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Makes one that is not bound yet.</summary>
    /// <param name="type">SOCK_RAW or SOCK_DGRAM, with SOCK_NONBLOCK if wanted.</param>
    /// <param name="protocol">ETH_P_* in host order, 0 to receive nothing before <see cref="Bind"/>.</param>
    public static SyscallResult<PacketSocket> Create(int type = sys_socket_h.SOCK_RAW, int protocol = 0) =>
        Sys.Descriptor(
            libc.socket(sys_socket_h.AF_PACKET, type | sys_socket_h.SOCK_CLOEXEC, BigEndian(protocol)), "socket")
            .Then(fd => new PacketSocket(fd));

    /// <summary>Ties it to an interface.</summary>
    /// <param name="interfaceIndex">The interface, 0 for all.</param>
    /// <param name="protocol">ETH_P_* in host order; ETH_P_ALL for everything.</param>
    public unsafe SyscallResult Bind(int interfaceIndex, int protocol = if_ether_h.ETH_P_ALL)
    {
        var address = new sockaddr_ll
        {
            sll_family = sys_socket_h.AF_PACKET,
            sll_protocol = BigEndian(protocol),
            sll_ifindex = interfaceIndex,
        };
        var result = Sys.Check(libc.bind(Descriptor.Number, &address, (uint)sizeof(sockaddr_ll)), "bind");
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>PACKET_VNET_HDR: a virtio header of 10 bytes goes before each frame.</summary>
    public SyscallResult SetVnetHdr(bool on) => SetOption(if_packet_h.PACKET_VNET_HDR, on ? 1 : 0);

    /// <summary>PACKET_QDISC_BYPASS: frames go straight to the driver.</summary>
    public SyscallResult SetQdiscBypass(bool on) => SetOption(if_packet_h.PACKET_QDISC_BYPASS, on ? 1 : 0);

    /// <summary>PACKET_IGNORE_OUTGOING: frames this machine sends are not received.</summary>
    public SyscallResult SetIgnoreOutgoing(bool on) => SetOption(if_packet_h.PACKET_IGNORE_OUTGOING, on ? 1 : 0);

    /// <summary>SO_RCVBUFFORCE: how many bytes of frames may wait in it, the kernel's own bookkeeping included; needs CAP_NET_ADMIN.</summary>
    public SyscallResult SetReceiveBuffer(int bytes) => SetOption(sys_socket_h.SOL_SOCKET, sys_socket_h.SO_RCVBUFFORCE, bytes);

    /// <summary>SO_SNDBUF: bytes that may wait on their way out; the kernel doubles them and has a least number of its own.</summary>
    public SyscallResult SetSendBuffer(int bytes) => SetOption(sys_socket_h.SOL_SOCKET, sys_socket_h.SO_SNDBUF, bytes);

    /// <summary>Any option of SOL_PACKET that takes an int.</summary>
    public SyscallResult SetOption(int option, int value) => SetOption(sys_socket_h.SOL_PACKET, option, value);

    private unsafe SyscallResult SetOption(int level, int option, int value)
    {
        var result = Sys.Check(libc.setsockopt(Descriptor.Number, level, option, &value, sizeof(int)), "setsockopt");
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>SO_RCVBUF as it is: bytes of bookkeeping included, as the kernel counts them.</summary>
    public unsafe SyscallResult GetReceiveBuffer(out int bytes)
    {
        int value = 0;
        var length = (uint)sizeof(int);
        var result = Sys.Check(
            libc.getsockopt(Descriptor.Number, sys_socket_h.SOL_SOCKET, sys_socket_h.SO_RCVBUF, &value, &length), "getsockopt");
        bytes = value;
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>Receives one frame; the result is its whole length in bytes, even if the buffer is shorter.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="flags">MSG_*, MSG_TRUNC is added.</param>
    /// <param name="from">Where it came from: protocol, interface, PACKET_HOST and so on.</param>
    public unsafe SyscallResult Receive(Span<byte> buffer, int flags, out sockaddr_ll from)
    {
        var address = default(sockaddr_ll);
        var length = (uint)sizeof(sockaddr_ll);
        fixed (byte* p = buffer)
        {
            var n = libc.recvfrom(
                Descriptor.Number, p, (nuint)buffer.Length, flags | sys_socket_h.MSG_TRUNC, &address, &length);
            var result = Sys.Check(n, "recvfrom");
            from = address;
            GC.KeepAlive(this);
            return result;
        }
    }

    /// <summary>Sends one frame through the interface it is bound to; the result is bytes.</summary>
    public unsafe SyscallResult Send(ReadOnlySpan<byte> frame, int flags = 0)
    {
        fixed (byte* p = frame)
        {
            var result = Sys.Check(libc.send(Descriptor.Number, p, (nuint)frame.Length, flags), "send");
            GC.KeepAlive(this);
            return result;
        }
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static ushort BigEndian(int protocol) => BinaryPrimitives.ReverseEndianness((ushort)protocol);
}
