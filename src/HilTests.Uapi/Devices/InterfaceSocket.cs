using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.sockios_h;

namespace HilTests.Uapi.Devices;

/// <summary>Asks about network interfaces by name, one method a request (linux/sockios.h, netdevice(7)).</summary>
public sealed class InterfaceSocket : IDisposable
{
    private InterfaceSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Makes one; any socket does, this one sends nothing.</summary>
    public static SyscallResult<InterfaceSocket> Create() =>
        Sys.Descriptor(
            libc.socket(sys_socket_h.AF_UNIX, sys_socket_h.SOCK_DGRAM | sys_socket_h.SOCK_CLOEXEC, 0), "socket")
            .Then(fd => new InterfaceSocket(fd));

    /// <summary>SIOCGIFINDEX.</summary>
    public SyscallResult GetIndex(string name, out int index)
    {
        var request = InterfaceRequest.For(name);
        var result = Ask(SIOCGIFINDEX, ref request, nameof(SIOCGIFINDEX), name);
        index = result.Ok ? request.ifr_ifindex : 0;
        return result;
    }

    /// <summary>SIOCGIFFLAGS: the low 16 bits of IFF_*.</summary>
    public SyscallResult GetFlags(string name, out int flags)
    {
        var request = InterfaceRequest.For(name);
        var result = Ask(SIOCGIFFLAGS, ref request, nameof(SIOCGIFFLAGS), name);
        flags = result.Ok ? (ushort)request.ifr_flags : 0;
        return result;
    }

    /// <summary>SIOCSIFFLAGS: all 16 bits at once.</summary>
    public SyscallResult SetFlags(string name, int flags)
    {
        var request = InterfaceRequest.For(name);
        request.ifr_flags = (short)flags;
        return Ask(SIOCSIFFLAGS, ref request, nameof(SIOCSIFFLAGS), name);
    }

    /// <summary>Reads the flags and sets or clears IFF_UP among them.</summary>
    public SyscallResult SetUp(string name, bool up)
    {
        var result = GetFlags(name, out var flags);
        return result.Ok ? SetFlags(name, up ? flags | if_h.IFF_UP : flags & ~if_h.IFF_UP) : result;
    }

    /// <summary>SIOCGIFMTU: bytes.</summary>
    public SyscallResult GetMtu(string name, out int bytes)
    {
        var request = InterfaceRequest.For(name);
        var result = Ask(SIOCGIFMTU, ref request, nameof(SIOCGIFMTU), name);
        bytes = result.Ok ? request.ifr_mtu : 0;
        return result;
    }

    /// <summary>SIOCSIFMTU: bytes.</summary>
    public SyscallResult SetMtu(string name, int bytes)
    {
        var request = InterfaceRequest.For(name);
        request.ifr_mtu = bytes;
        return Ask(SIOCSIFMTU, ref request, nameof(SIOCSIFMTU), name);
    }

    /// <summary>SIOCSIFTXQLEN: packets.</summary>
    public SyscallResult SetTxQueueLength(string name, int packets)
    {
        var request = InterfaceRequest.For(name);
        request.ifr_qlen = packets;
        return Ask(SIOCSIFTXQLEN, ref request, nameof(SIOCSIFTXQLEN), name);
    }

    /// <summary>SIOCGIFHWADDR: hardware type (ARPHRD_*) and the 6 bytes of an Ethernet address.</summary>
    public SyscallResult GetHardwareAddress(string name, out ushort type, out Array6<byte> address)
    {
        var request = InterfaceRequest.For(name);
        var result = Ask(SIOCGIFHWADDR, ref request, nameof(SIOCGIFHWADDR), name);
        ReadOnlySpan<byte> bytes = request.ifr_hwaddr;
        type = result.Ok ? BitConverter.ToUInt16(bytes) : (ushort)0;
        address = default;
        if (result.Ok)
            bytes.Slice(2, if_ether_h.ETH_ALEN).CopyTo(address);

        return result;
    }

    /// <summary>SIOCSIFHWADDR: an Ethernet address of 6 bytes.</summary>
    public SyscallResult SetHardwareAddress(string name, ReadOnlySpan<byte> address)
    {
        var request = InterfaceRequest.For(name);
        Span<byte> room = request.ifr_hwaddr;
        BitConverter.TryWriteBytes(room, (ushort)if_arp_h.ARPHRD_ETHER);
        address[..if_ether_h.ETH_ALEN].CopyTo(room[2..]);
        return Ask(SIOCSIFHWADDR, ref request, nameof(SIOCSIFHWADDR), name);
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => Descriptor.Dispose();

    private SyscallResult Ask(uint number, ref ifreq request, string call, string name) =>
        Descriptor.Ioctl(number, ref request, call) with { Path = name };
}
