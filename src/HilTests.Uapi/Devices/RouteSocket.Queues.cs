using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.gen_stats_h;
using static HilTests.Uapi.Linux.netlink_h;
using static HilTests.Uapi.Linux.pkt_cls_h;
using static HilTests.Uapi.Linux.pkt_sched_h;
using static HilTests.Uapi.Linux.rtnetlink_h;

namespace HilTests.Uapi.Devices;

/// <content>Queueing disciplines and filters, what tc does; see tc(8), net/sched/sch_api.c, net/sched/cls_api.c.</content>
public sealed partial class RouteSocket
{
    private const uint PlugHandle = 0x1_0000;
    private const uint IngressHandle = 0xFFFF_0000;
    private const uint FirstPriority = 1 << 16;

    /// <summary>RTM_NEWQDISC: puts a plug that holds everything in front of what an interface sends. ENOENT without sch_plug.</summary>
    /// <param name="interfaceIndex">The interface.</param>
    /// <param name="limit">Bytes it holds at most; what comes beyond is dropped.</param>
    public SyscallResult AddPlug(int interfaceIndex, uint limit) =>
        Ask(
            Queue(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, interfaceIndex, PlugHandle, TC_H_ROOT)
                .Text(TCA_KIND, "plug").Struct(TCA_OPTIONS, new tc_plug_qopt { limit = limit }),
            "plug");

    /// <summary>Tells the plug something: TCQ_PLUG_BUFFER holds again, TCQ_PLUG_RELEASE_INDEFINITE lets go and holds no more.</summary>
    public SyscallResult TellPlug(int interfaceIndex, int action) =>
        Ask(
            Queue(RTM_NEWQDISC, 0, interfaceIndex, PlugHandle, TC_H_ROOT)
                .Text(TCA_KIND, "plug").Struct(TCA_OPTIONS, new tc_plug_qopt { action = action }),
            "plug");

    /// <summary>RTM_DELQDISC: takes the plug away; what it still holds is dropped.</summary>
    public SyscallResult RemovePlug(int interfaceIndex) => Ask(Queue(RTM_DELQDISC, 0, interfaceIndex, PlugHandle, TC_H_ROOT), "plug");

    /// <summary>Sends everything that arrives on one interface out of another: qdisc ingress, filter matchall, action mirred.</summary>
    public SyscallResult RedirectArriving(int fromIndex, int toIndex)
    {
        var made = Ask(Queue(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, fromIndex, IngressHandle, TC_H_INGRESS).Text(TCA_KIND, "ingress"), "ingress");
        if (!made.Ok)
            return made;

        var redirect = new tc_mirred { action = TC_ACT_STOLEN, eaction = tc_mirred_h.TCA_EGRESS_REDIR, ifindex = (uint)toIndex };
        var body = new tcmsg
        {
            tcm_ifindex = fromIndex,
            tcm_parent = IngressHandle,
            tcm_info = FirstPriority | (uint)System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)if_ether_h.ETH_P_ALL),
        };
        return Ask(
            new RouteMessage(RTM_NEWTFILTER, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ++_sequence).Append(body)
                .Text(TCA_KIND, "matchall")
                .Nest(TCA_OPTIONS, options => options
                    .Nest(TCA_MATCHALL_ACT, actions => actions
                        .Nest(1, first => first
                            .Text(TCA_ACT_KIND, "mirred")
                            .Nest(TCA_ACT_OPTIONS, each => each.Struct(tc_mirred_h.TCA_MIRRED_PARMS, redirect))))),
            "matchall");
    }

    /// <summary>RTM_GETQDISC: how many packets the plug holds. ENOENT where there is none.</summary>
    public SyscallResult PlugLength(int interfaceIndex, out uint packets)
    {
        byte[]? found = null;
        var result = Ask(Queue(RTM_GETQDISC, 0, interfaceIndex, PlugHandle, TC_H_ROOT), "plug", body => found = body);
        packets = 0;
        if (!result.Ok || found is null)
            return result;

        var statistics = FindAttribute(found.AsSpan(Unsafe.SizeOf<tcmsg>()), TCA_STATS2);
        var queue = FindAttribute(statistics, TCA_STATS_QUEUE);
        if (queue.Length < Unsafe.SizeOf<gnet_stats_queue>())
            return new SyscallResult(-1, Errno.ENODATA, "rtnetlink PlugLength", "plug");

        packets = MemoryMarshal.Read<gnet_stats_queue>(queue).qlen;
        return result;
    }

    private RouteMessage Queue(int type, int flags, int interfaceIndex, uint handle, uint parent) =>
        new RouteMessage(type, NLM_F_REQUEST | NLM_F_ACK | flags, ++_sequence)
            .Append(new tcmsg { tcm_ifindex = interfaceIndex, tcm_handle = handle, tcm_parent = parent });

    /// <summary>The value of the first attribute of a type; empty where there is none.</summary>
    private static ReadOnlySpan<byte> FindAttribute(ReadOnlySpan<byte> attributes, int type)
    {
        var head = Unsafe.SizeOf<rtattr>();
        while (attributes.Length >= head)
        {
            var attribute = MemoryMarshal.Read<rtattr>(attributes);
            if (attribute.rta_len < head || attribute.rta_len > attributes.Length)
                break;

            if ((attribute.rta_type & NLA_TYPE_MASK) == type)
                return attributes[head..attribute.rta_len];

            var aligned = (attribute.rta_len + RTA_ALIGNTO - 1) & ~(RTA_ALIGNTO - 1);
            attributes = attributes[Math.Min(aligned, attributes.Length)..];
        }

        return default;
    }
}
