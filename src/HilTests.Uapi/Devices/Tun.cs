using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.if_tun_h;

namespace HilTests.Uapi.Devices;

/// <summary>
/// One queue of a tun or tap interface: /dev/net/tun, one method a request (linux/if_tun.h, drivers/net/tun.c). The
/// interface goes away with its last queue unless it is made persistent.
/// </summary>
public sealed class Tun : IDisposable
{
    /// <summary>Where the node is.</summary>
    public const string DefaultPath = "/dev/net/tun";

    private Tun(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node; what vhost-net takes as a back end.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens the node for reading and writing; no interface yet.</summary>
    /// <param name="path">The node.</param>
    /// <param name="flags">More open flags, such as O_NONBLOCK.</param>
    public static SyscallResult<Tun> Open(string path = DefaultPath, int flags = 0) =>
        FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC | flags).Then(fd => new Tun(fd));

    /// <summary>TUNSETIFF: makes the interface or a further queue of it.</summary>
    /// <param name="name">Name of at most 15 bytes; a %d in it becomes a number; empty lets the kernel choose.</param>
    /// <param name="flags">IFF_TUN or IFF_TAP, with IFF_NO_PI, IFF_VNET_HDR, IFF_MULTI_QUEUE and so on.</param>
    /// <param name="actualName">The name it got.</param>
    /// <exception cref="ArgumentException">The name is too long for a request.</exception>
    public SyscallResult SetIff(string name, int flags, out string actualName)
    {
        var request = InterfaceRequest.For(name);
        request.ifr_flags = (short)flags;
        var result = Descriptor.Ioctl(TUNSETIFF, ref request);
        actualName = InterfaceRequest.NameOf(request);
        return result;
    }

    /// <summary>TUNGETIFF: name and flags of the interface.</summary>
    public SyscallResult GetIff(out string name, out int flags)
    {
        var result = Descriptor.IoctlGet(TUNGETIFF, out ifreq request);
        name = InterfaceRequest.NameOf(request);
        flags = (ushort)request.ifr_flags;
        return result;
    }

    /// <summary>TUNGETFEATURES: the IFF_* flags TUNSETIFF knows.</summary>
    public SyscallResult GetFeatures(out uint flags) => Descriptor.IoctlGet(TUNGETFEATURES, out flags);

    /// <summary>TUNSETPERSIST: whether the interface outlives its last queue.</summary>
    public SyscallResult SetPersist(bool on) => Descriptor.Ioctl(TUNSETPERSIST, on ? 1 : 0);

    /// <summary>TUNSETOWNER: the user who may attach.</summary>
    public SyscallResult SetOwner(uint user) => Descriptor.Ioctl(TUNSETOWNER, (nint)user);

    /// <summary>TUNSETGROUP: the group that may attach.</summary>
    public SyscallResult SetGroup(uint group) => Descriptor.Ioctl(TUNSETGROUP, (nint)group);

    /// <summary>TUNSETLINK: hardware type (ARPHRD_*), while the interface is down.</summary>
    public SyscallResult SetLink(int type) => Descriptor.Ioctl(TUNSETLINK, type);

    /// <summary>TUNSETOFFLOAD: TUN_F_* the reader can take.</summary>
    public SyscallResult SetOffload(uint flags) => Descriptor.Ioctl(TUNSETOFFLOAD, (nint)flags);

    /// <summary>TUNGETSNDBUF: bytes.</summary>
    public SyscallResult GetSndbuf(out int bytes) => Descriptor.IoctlGet(TUNGETSNDBUF, out bytes);

    /// <summary>TUNSETSNDBUF: bytes that may wait on their way into the network.</summary>
    public SyscallResult SetSndbuf(int bytes) => Descriptor.IoctlSet(TUNSETSNDBUF, bytes);

    /// <summary>TUNGETVNETHDRSZ: bytes.</summary>
    public SyscallResult GetVnetHdrSize(out int bytes) => Descriptor.IoctlGet(TUNGETVNETHDRSZ, out bytes);

    /// <summary>TUNSETVNETHDRSZ: bytes of the virtio header before each packet (10, 12 or 20).</summary>
    public SyscallResult SetVnetHdrSize(int bytes) => Descriptor.IoctlSet(TUNSETVNETHDRSZ, bytes);

    /// <summary>TUNGETVNETLE: 1 when the header is little-endian by request.</summary>
    public SyscallResult GetVnetLe(out int on) => Descriptor.IoctlGet(TUNGETVNETLE, out on);

    /// <summary>TUNSETVNETLE.</summary>
    public SyscallResult SetVnetLe(bool on) => Descriptor.IoctlSet(TUNSETVNETLE, on ? 1 : 0);

    /// <summary>TUNGETVNETBE.</summary>
    public SyscallResult GetVnetBe(out int on) => Descriptor.IoctlGet(TUNGETVNETBE, out on);

    /// <summary>TUNSETVNETBE.</summary>
    public SyscallResult SetVnetBe(bool on) => Descriptor.IoctlSet(TUNSETVNETBE, on ? 1 : 0);

    /// <summary>TUNSETQUEUE: IFF_ATTACH_QUEUE or IFF_DETACH_QUEUE.</summary>
    public SyscallResult SetQueue(int flags)
    {
        var request = new ifreq { ifr_flags = (short)flags };
        return Descriptor.Ioctl(TUNSETQUEUE, ref request);
    }

    /// <summary>TUNSETIFINDEX: the index the interface shall get; before <see cref="SetIff"/>.</summary>
    public SyscallResult SetIfindex(uint index) => Descriptor.IoctlSet(TUNSETIFINDEX, index);

    /// <summary>TUNSETCARRIER: cable in or out.</summary>
    public SyscallResult SetCarrier(bool on) => Descriptor.IoctlSet(TUNSETCARRIER, on ? 1 : 0);

    /// <summary>TUNSETDEBUG.</summary>
    public SyscallResult SetDebug(int level) => Descriptor.Ioctl(TUNSETDEBUG, level);

    /// <summary>TUNSETNOCSUM: without effect in today's kernels.</summary>
    public SyscallResult SetNoCsum(bool on) => Descriptor.Ioctl(TUNSETNOCSUM, on ? 1 : 0);

    /// <summary>TUNSETTXFILTER: which destinations are let through to the reader; 6 bytes each, none for all.</summary>
    public unsafe SyscallResult SetTxFilter(ushort flags, ReadOnlySpan<byte> addresses)
    {
        var block = new byte[sizeof(tun_filter) + addresses.Length];
        fixed (byte* p = block)
        {
            *(tun_filter*)p = new tun_filter { flags = flags, count = (ushort)(addresses.Length / if_ether_h.ETH_ALEN) };
            addresses.CopyTo(block.AsSpan(sizeof(tun_filter)));
            return Descriptor.Ioctl(TUNSETTXFILTER, (nint)p);
        }
    }

    /// <summary>TUNATTACHFILTER: a classic BPF program that chooses packets.</summary>
    public unsafe SyscallResult AttachFilter(ReadOnlySpan<sock_filter> program)
    {
        fixed (sock_filter* p = program)
        {
            var argument = new sock_fprog { len = (ushort)program.Length, filter = (nint)p };
            return Descriptor.Ioctl(TUNATTACHFILTER, ref argument);
        }
    }

    /// <summary>TUNDETACHFILTER.</summary>
    public SyscallResult DetachFilter() => Descriptor.IoctlSet(TUNDETACHFILTER, default(sock_fprog));

    /// <summary>TUNGETDEVNETNS: a descriptor of the interface's network namespace.</summary>
    public SyscallResult<FileDescriptor> GetDevNetns() =>
        Sys.Descriptor(libc.ioctl(Descriptor, TUNGETDEVNETNS, 0), nameof(TUNGETDEVNETNS));

    /// <summary>Any request with any argument, a bad address included.</summary>
    /// <inheritdoc cref="VhostNet.Raw"/>
    public SyscallResult Raw(uint request, nint argument, string call) => Descriptor.Ioctl(request, argument, call);

    /// <summary>Closes this queue.</summary>
    public void Dispose() => Descriptor.Dispose();
}
