using System.Runtime.InteropServices;
using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet;

/// <summary>The messages between the device's IOTLB and this process.</summary>
internal static class IotlbChannel
{
    private const ulong KernelAddress = 0xffff_8000_0000_0000;

    /// <summary>So many messages are read at most: a device that never stops asking is seen to do so.</summary>
    private const int MostMessages = 4096;

    public static unsafe SyscallResult Write(VhostNetDevice device, IotlbMessage step, ulong arena)
    {
        var type = step.Version == 2 ? vhost_types_h.VHOST_IOTLB_MSG_V2 : step.Version == 1 ? vhost_types_h.VHOST_IOTLB_MSG : step.Version;
        var message = new vhost_msg
        {
            type = type,
            iotlb = new vhost_iotlb_msg
            {
                iova = step.Iova,
                size = step.Size,
                uaddr = step.Kernel ? KernelAddress : arena + (ulong)step.Offset,
                perm = (byte)step.Access,
                type = (byte)step.Kind,
            },
        };
        return device.Descriptor.Write(new ReadOnlySpan<byte>(&message, sizeof(vhost_msg))[..step.Bytes]);
    }

    public static void Read(VhostNetDevice device, StepRecorder recorder)
    {
        var ready = device.Descriptor.Poll(poll_h.POLLIN, TimeSpan.Zero);
        recorder.Field("ready", Value.Symbol(ready is { Ok: true, Value: not 0 } ? "yes" : "no"));
        var (messages, count) = (new List<Value>(), 0);
        Span<byte> bytes = stackalloc byte[Marshal.SizeOf<vhost_msg>()];
        while (count < MostMessages && device.Descriptor.Read(bytes) is { Ok: true, Value: > 0 })
        {
            count++;
            var message = Describe(MemoryMarshal.Read<vhost_msg>(bytes));
            if (!messages.Contains(message)) messages.Add(message);
        }
        recorder.Field("messages", Value.List(messages));
        recorder.Field("count", count);
    }

    private static Value Describe(vhost_msg message) => Value.Record(
        ("kind", Enum.IsDefined((IotlbKind)message.iotlb.type) ? Choices.Of((IotlbKind)message.iotlb.type) : Value.Of(message.iotlb.type)),
        ("iova", Value.Hex(message.iotlb.iova)),
        ("access", Enum.IsDefined((IotlbAccess)message.iotlb.perm) ? Choices.Of((IotlbAccess)message.iotlb.perm) : Value.Of(message.iotlb.perm)),
        ("version", Value.Of(message.type == vhost_types_h.VHOST_IOTLB_MSG_V2 ? 2 : message.type == vhost_types_h.VHOST_IOTLB_MSG ? 1 : message.type)));
}
