namespace HilTests.Core.Devices.F2fs;

/// <summary>The byte counters of the statistics, and sums of them that can be predicted with less knowledge than their parts.</summary>
public enum ByteCounter
{
    AppBufferedWrite,
    AppDirectWrite,
    AppBufferedRead,
    AppDirectRead,

    /// <summary>Data blocks written: by writeback, checkpoint and garbage collection together.</summary>
    WrittenData,
    WrittenNode,
    WrittenMeta,
    ReadData,
    ReadNode,
    ReadMeta,
    Discard,

    /// <summary>Everything that only compressed files count.</summary>
    Compressed,

    /// <summary>What the application wrote, buffered and direct together; a record has a total of its own.</summary>
    AppWrite,

    /// <summary>What the application read, likewise.</summary>
    AppRead,

    /// <summary>What is written through mappings: a block for each page that becomes writable.</summary>
    MappedWrite,

    /// <summary>What is read through mappings.</summary>
    MappedRead,

    /// <summary>Of the written blocks those of writeback and fsync: neither of a checkpoint nor of garbage collection.</summary>
    OrdinaryData,
    OrdinaryNode,
    OrdinaryMeta,

    /// <summary>Of the written blocks those that garbage collection moved.</summary>
    CollectedData,
    CollectedNode,

    /// <summary>Of the written blocks those that a checkpoint wrote.</summary>
    CheckpointData,
    CheckpointNode,
    CheckpointMeta,

    /// <summary>Of the data blocks read those that garbage collection read past the page cache: of compressed and encrypted files only.</summary>
    CollectedRead,
}

/// <summary>For whom a block is written.</summary>
public enum BlockOrigin
{
    /// <summary>Writeback, fsync.</summary>
    Ordinary,

    /// <summary>Garbage collection, which moves blocks.</summary>
    Collection,

    Checkpoint,
}

/// <summary>How byte counters belong together.</summary>
public static class ByteCounters
{
    /// <summary>The parts of the written blocks.</summary>
    public static IReadOnlyList<ByteCounter> Parts { get; } =
    [
        ByteCounter.OrdinaryData, ByteCounter.OrdinaryNode, ByteCounter.OrdinaryMeta, ByteCounter.CollectedData, ByteCounter.CollectedNode,
        ByteCounter.CheckpointData, ByteCounter.CheckpointNode, ByteCounter.CheckpointMeta,
    ];

    /// <summary>The counter of a written block; there is none for blocks of metadata that garbage collection writes, they are ordinary.</summary>
    public static ByteCounter Of(PageType type, BlockOrigin origin) => (type, origin) switch
    {
        (PageType.Data, BlockOrigin.Checkpoint) => ByteCounter.CheckpointData,
        (PageType.Data, BlockOrigin.Collection) => ByteCounter.CollectedData,
        (PageType.Data, _) => ByteCounter.OrdinaryData,
        (PageType.Node, BlockOrigin.Checkpoint) => ByteCounter.CheckpointNode,
        (PageType.Node, BlockOrigin.Collection) => ByteCounter.CollectedNode,
        (PageType.Node, _) => ByteCounter.OrdinaryNode,
        (PageType.Meta, BlockOrigin.Checkpoint) => ByteCounter.CheckpointMeta,
        (PageType.Meta, _) => ByteCounter.OrdinaryMeta,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "blocks are data, node or meta"),
    };

    /// <summary>The sum that a counter is part of; null for those that are part of none.</summary>
    public static ByteCounter? SumOf(ByteCounter part) => part switch
    {
        ByteCounter.OrdinaryData or ByteCounter.CollectedData or ByteCounter.CheckpointData => ByteCounter.WrittenData,
        ByteCounter.OrdinaryNode or ByteCounter.CollectedNode or ByteCounter.CheckpointNode => ByteCounter.WrittenNode,
        ByteCounter.OrdinaryMeta or ByteCounter.CheckpointMeta => ByteCounter.WrittenMeta,
        _ => null,
    };
}
