using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>Types of IOTLB messages; include/uapi/linux/vhost_types.h.</summary>
public enum IotlbKind
{
    Miss = 1,
    Update = 2,
    Invalidate = 3,
    AccessFail = 4,

    /// <summary>A number that no kernel defines.</summary>
    Unknown = 99,
}

/// <summary>What a mapping allows the device, or what it asks for.</summary>
public enum IotlbAccess
{
    None = 0,
    Ro = 1,
    Wo = 2,
    Rw = 3,
}

/// <summary>
/// Writes one IOTLB message to the device; field <c>errno</c>.
/// </summary>
/// <param name="Kind">its type</param>
/// <param name="Iova">first address that the device uses</param>
/// <param name="Size">bytes</param>
/// <param name="Offset">where they lie in the arena</param>
/// <param name="Access">what the device may do there</param>
/// <param name="Version">1 or 2: the form of the message; other numbers may be tried</param>
/// <param name="Bytes">how many bytes of the message are written, 72 at most</param>
/// <param name="Kernel">whether it names an address of the kernel's half instead of the arena's</param>
public sealed record IotlbMessage(IotlbKind Kind, ulong Iova = 0, ulong Size = 0, long Offset = 0, IotlbAccess Access = IotlbAccess.Rw, int Version = 2, int Bytes = 72, bool Kernel = false) : Step;

/// <summary>
/// Reads all IOTLB messages of the device. Fields: <c>ready</c>, <c>yes</c> or <c>no</c>, what poll said before;
/// <c>messages</c>, those that differ, in the order in which they came first: records of <c>kind</c>, <c>iova</c>,
/// <c>access</c> and <c>version</c>; and <c>count</c> of all.
/// </summary>
public sealed record ReadIotlb : Step;

/// <summary>VHOST_SET_VRING_ADDR with addresses as they are: for a device with an IOTLB, those that it translates.</summary>
/// <param name="Ring">0 RX, 1 TX</param>
/// <param name="Desc">the descriptor table</param>
/// <param name="Avail">the available ring</param>
/// <param name="Used">the used ring</param>
/// <param name="Log">VHOST_VRING_F_LOG, with a log address of 0, which a device with an IOTLB has no use for</param>
public sealed record SetVringIova(int Ring, ulong Desc, ulong Avail, ulong Used, bool Log = false) : Step;
