using HilTests.Core.Devices.VhostNet;
using HilTests.Uapi;
using static HilTests.Uapi.Linux.vhost_h;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet;

/// <summary>Calls with arguments that cannot be read or written.</summary>
internal static class OddCalls
{
    private const int PageBytes = 4096;
    private const long GuardBytes = 1 << 20;
    private const ulong KernelAddress = 0xffff_8000_0000_0000;
    private const ulong NothingThere = 0x1000;

    private static readonly MappedMemory Edge = MappedMemory.AllocateGuarded(PageBytes, GuardBytes).OrThrow("map a page with nothing behind it");

    public static SyscallResult Do(VhostNetDevice device, BadArgument step)
    {
        // A call that writes may have written the part that there is.
        Edge.Ref<ulong>(PageBytes - 8) = step.At == BadPointer.CutRegions ? 1UL : 0;
        return device.Raw(Request(step.Call), (nint)Address(step.At), step.Call.ToString());
    }

    private static ulong Address(BadPointer at) => at switch
    {
        BadPointer.Null => 0,
        BadPointer.Unmapped => NothingThere,
        BadPointer.Kernel => KernelAddress,
        BadPointer.Cut => Edge.Address + PageBytes - 4,
        _ => Edge.Address + PageBytes - 8,
    };

    private static uint Request(VhostCall call) => call switch
    {
        VhostCall.GetFeatures => VHOST_GET_FEATURES,
        VhostCall.SetFeatures => VHOST_SET_FEATURES,
        VhostCall.GetBackendFeatures => VHOST_GET_BACKEND_FEATURES,
        VhostCall.SetBackendFeatures => VHOST_SET_BACKEND_FEATURES,
        VhostCall.SetMemTable => VHOST_SET_MEM_TABLE,
        VhostCall.SetLogBase => VHOST_SET_LOG_BASE,
        VhostCall.SetLogFd => VHOST_SET_LOG_FD,
        VhostCall.SetVringNum => VHOST_SET_VRING_NUM,
        VhostCall.SetVringBase => VHOST_SET_VRING_BASE,
        VhostCall.GetVringBase => VHOST_GET_VRING_BASE,
        VhostCall.SetVringAddr => VHOST_SET_VRING_ADDR,
        VhostCall.SetVringKick => VHOST_SET_VRING_KICK,
        VhostCall.SetVringCall => VHOST_SET_VRING_CALL,
        VhostCall.SetVringErr => VHOST_SET_VRING_ERR,
        VhostCall.SetBusyloop => VHOST_SET_VRING_BUSYLOOP_TIMEOUT,
        VhostCall.GetBusyloop => VHOST_GET_VRING_BUSYLOOP_TIMEOUT,
        _ => VHOST_NET_SET_BACKEND,
    };
}
