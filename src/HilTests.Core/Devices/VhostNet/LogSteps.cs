using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The memory that stands for a migration's log of dirty pages; one bit a page of 4096 bytes, the lowest first.</summary>
public static class VhostNetLogArea
{
    /// <summary>Bytes; zero when a program begins. Room for the pages of 4 GiB of guest memory.</summary>
    public const int Size = 1 << 17;

    /// <summary>Bytes of guest memory that one bit stands for.</summary>
    public const int PageBytes = 4096;

    /// <summary>Most pages that one <see cref="ReadLog"/> lists.</summary>
    public const int MostPages = 4096;
}

/// <summary>Where a program puts the log.</summary>
public enum LogPlace
{
    /// <summary>In the log area.</summary>
    Area,

    /// <summary>Where nothing is mapped.</summary>
    Unmapped,

    /// <summary>In the kernel's half of the addresses.</summary>
    Kernel,
}

/// <summary>VHOST_SET_LOG_BASE: so many bytes behind the place's start, up to half of the log area.</summary>
public sealed record SetLogBase(LogPlace Place, int Offset = 0) : Step;

/// <summary>VHOST_SET_LOG_FD: an eventfd that is signalled when something was logged.</summary>
public sealed record SetLogFd(FileChoice File) : Step;

/// <summary>
/// Takes the log of dirty pages as a migration does: each word is read and cleared at once. Fields: <c>pages</c>, the
/// numbers of the bits that were set, ascending, counted from the start of the log area (with the log at its start: guest
/// address / 4096); <c>signals</c>, the count of the log's eventfd since the last time.
/// </summary>
public sealed record ReadLog : Step;
