using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.if_link_h;
using static HilTests.Uapi.Linux.netlink_h;
using static HilTests.Uapi.Linux.rtnetlink_h;

namespace HilTests.Uapi.Devices;

/// <summary>
/// Makes and removes network interfaces over rtnetlink, so that no ip command is needed. The result of each request is
/// the kernel's own answer: 0 or an errno. See rtnetlink(7), net/core/rtnetlink.c.
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    private uint _sequence;

    private RouteSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Makes one, in the network namespace of the calling thread.</summary>
    public static SyscallResult<RouteSocket> Create() =>
        Sys.Descriptor(
            libc.socket(sys_socket_h.AF_NETLINK, sys_socket_h.SOCK_RAW | sys_socket_h.SOCK_CLOEXEC, NETLINK_ROUTE),
            "socket").Then(fd => new RouteSocket(fd));

    /// <summary>RTM_NEWLINK: an interface of a kind that needs no settings, such as dummy or ifb.</summary>
    public SyscallResult AddLink(string name, string kind) =>
        Ask(NewLink().Text(IFLA_IFNAME, name).Nest(IFLA_LINKINFO, info => info.Text(IFLA_INFO_KIND, kind)), name);

    /// <summary>RTM_NEWLINK: a pair of interfaces that are each other's cable.</summary>
    public SyscallResult AddVeth(string name, string peer) =>
        Ask(
            NewLink().Text(IFLA_IFNAME, name).Nest(IFLA_LINKINFO, info => info
                .Text(IFLA_INFO_KIND, "veth")
                .Nest(IFLA_INFO_DATA, data => data
                    .Nest(veth_h.VETH_INFO_PEER, end => end.Append(default(ifinfomsg)).Text(IFLA_IFNAME, peer)))),
            name);

    /// <summary>RTM_NEWLINK: a macvlan or macvtap on top of another interface.</summary>
    /// <param name="name">The new interface.</param>
    /// <param name="kind">"macvlan" or "macvtap".</param>
    /// <param name="lowerIndex">Index of the interface below.</param>
    /// <param name="mode">MACVLAN_MODE_*.</param>
    public SyscallResult AddMacvlan(string name, string kind, int lowerIndex, int mode) =>
        Ask(
            NewLink().Text(IFLA_IFNAME, name).Number(IFLA_LINK, (uint)lowerIndex).Nest(IFLA_LINKINFO, info => info
                .Text(IFLA_INFO_KIND, kind)
                .Nest(IFLA_INFO_DATA, data => data.Number(IFLA_MACVLAN_MODE, (uint)mode))),
            name);

    /// <summary>RTM_DELLINK: removes an interface by name, a veth's peer with it. ENODEV when there is none.</summary>
    public SyscallResult DeleteLink(string name) =>
        Ask(
            new RouteMessage(RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK, ++_sequence)
                .Append(default(ifinfomsg)).Text(IFLA_IFNAME, name),
            name);

    /// <summary>Closes it; interfaces stay.</summary>
    public void Dispose() => Descriptor.Dispose();

    private RouteMessage NewLink() =>
        new RouteMessage(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ++_sequence)
            .Append(default(ifinfomsg));

    private SyscallResult Ask(RouteMessage message, string name, Action<byte[]>? answered = null, [CallerMemberName] string call = "")
    {
        var sent = Descriptor.Write(message.Finish());
        if (!sent.Ok)
            return sent with { Path = name };

        Span<byte> answer = stackalloc byte[4096];
        while (true)
        {
            var received = Descriptor.Read(answer);
            if (!received.Ok)
                return received with { Path = name };

            if (Acknowledged(answer[..(int)received.Value], answered, out var error))
                return new SyscallResult(error == Errno.None ? 0 : -1, error, $"rtnetlink {call}", name);
        }
    }

    /// <summary>Looks for the end of the answer to the last request among the messages of one datagram; hands on what else it says.</summary>
    private bool Acknowledged(ReadOnlySpan<byte> datagram, Action<byte[]>? answered, out Errno error)
    {
        var head = Unsafe.SizeOf<nlmsghdr>();
        while (datagram.Length >= head)
        {
            var message = MemoryMarshal.Read<nlmsghdr>(datagram);
            if (message.nlmsg_len < head || message.nlmsg_len > datagram.Length)
                break;

            if (message.nlmsg_type == NLMSG_ERROR && message.nlmsg_seq == _sequence)
            {
                error = (Errno)(-MemoryMarshal.Read<int>(datagram[head..]));
                return true;
            }

            if (message.nlmsg_type >= NLMSG_MIN_TYPE && message.nlmsg_seq == _sequence)
                answered?.Invoke(datagram[head..(int)message.nlmsg_len].ToArray());

            var aligned = (message.nlmsg_len + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1);
            datagram = datagram[(int)Math.Min(aligned, datagram.Length)..];
        }

        error = Errno.None;
        return false;
    }
}
