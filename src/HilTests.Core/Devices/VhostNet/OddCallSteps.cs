using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The calls of vhost-net that take a pointer.</summary>
public enum VhostCall
{
    GetFeatures,
    SetFeatures,
    GetBackendFeatures,
    SetBackendFeatures,
    SetMemTable,
    SetLogBase,
    SetLogFd,
    SetVringNum,
    SetVringBase,
    GetVringBase,
    SetVringAddr,
    SetVringKick,
    SetVringCall,
    SetVringErr,
    SetBusyloop,
    GetBusyloop,
    SetBackend,
}

/// <summary>Where a pointer points that a call cannot use.</summary>
public enum BadPointer
{
    /// <summary>Nowhere.</summary>
    Null,

    /// <summary>An address where nothing is mapped.</summary>
    Unmapped,

    /// <summary>An address of the kernel's half.</summary>
    Kernel,

    /// <summary>The last four bytes that can be read, all zero: of a larger argument the rest cannot.</summary>
    Cut,

    /// <summary>The last eight bytes that can be read: a one and a zero. A memory table of one region that cannot be read.</summary>
    CutRegions,
}

/// <summary>A call whose argument cannot be read, or written, in whole or in part.</summary>
public sealed record BadArgument(VhostCall Call, BadPointer At) : Step;

/// <summary>An ioctl by its number, with a pointer to the arena's start as its argument.</summary>
public sealed record RawIoctl(uint Request) : Step;

/// <summary>VHOST_SET_VRING_ENDIAN: 0 little, 1 big.</summary>
public sealed record SetVringEndian(int Ring, uint Endian) : Step;

/// <summary>VHOST_GET_VRING_ENDIAN; field <c>endian</c>.</summary>
public sealed record GetVringEndian(int Ring) : Step;
