namespace HilTests.Core.Devices.F2fs;

/// <summary>The classes of the latency statistics, in the order of the trace event.</summary>
public enum IoClass
{
    RdData,
    RdNode,
    RdMeta,
    WrSyncData,
    WrSyncNode,
    WrSyncMeta,
    WrAsyncData,
    WrAsyncNode,
    WrAsyncMeta,

    /// <summary>A discard, whatever its flags; only on a kernel whose records have the field.</summary>
    Discard,
}

/// <summary>Names of <see cref="IoClass"/> members.</summary>
public static class IoClasses
{
    /// <summary>How many there are.</summary>
    public const int Count = 10;

    /// <summary>Those of reads and writes.</summary>
    public static IReadOnlyList<IoClass> ReadsAndWrites { get; } = [.. Enum.GetValues<IoClass>().Where(c => c != IoClass.Discard)];

    /// <summary>The words of the trace event, e.g. <c>wr_sync_data</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "rd_data", "rd_node", "rd_meta", "wr_sync_data", "wr_sync_node", "wr_sync_meta", "wr_async_data", "wr_async_node", "wr_async_meta",
        "discard",
    ];

    /// <summary>The class of a bio with that direction, flag and type; null for a type outside the three.</summary>
    public static IoClass? Of(bool write, bool sync, PageType type) =>
        type == PageType.Unknown ? null : (IoClass)((write ? sync ? 3 : 6 : 0) + (int)type);
}
