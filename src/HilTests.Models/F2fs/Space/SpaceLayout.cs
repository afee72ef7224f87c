using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;

namespace HilTests.Models.F2fs.Space;

/// <summary>Where a formatted disk keeps what. Blocks of 4096 bytes, counted from the start of the disk.</summary>
/// <param name="Blocks">how many the disk has</param>
/// <param name="Start">the first block of files and nodes</param>
/// <param name="Segments">segments of files and nodes</param>
/// <param name="SegmentBlocks">blocks in a segment</param>
/// <param name="CheckpointStart">the first block of the checkpoints</param>
/// <param name="CheckpointEnd">the block behind them</param>
public sealed record SpaceLayout(long Blocks, long Start, long Segments, long SegmentBlocks, long CheckpointStart, long CheckpointEnd)
{
    /// <summary>The block behind the last segment: the end of the file system.</summary>
    public long End => Start + (Segments * SegmentBlocks);

    /// <summary>The layout that mkfs recorded, or null where it recorded none that can be.</summary>
    public static SpaceLayout? Read(long diskBytes, DeclaredInputs inputs)
    {
        var layout = new SpaceLayout(
            diskBytes / FileContent.BlockSize, inputs.Number("main-start"), inputs.Number("main-segments"), inputs.Number("segment-blocks"),
            inputs.Number("checkpoint-start"), inputs.Number("checkpoint-end"));
        var whole = layout is { Start: > 0, Segments: > 0, SegmentBlocks: > 0 and <= 512 } && layout.Segments <= layout.Blocks && layout.End <= layout.Blocks;
        return whole ? layout : null;
    }

    /// <summary>The segment of a block in the main area; 0 in front of it, the last one behind it.</summary>
    public long SegmentOf(long block) => Math.Clamp((block - Start) / SegmentBlocks, 0, Segments - 1);

    /// <summary>The main area.</summary>
    internal BlockSet Main() => BlockSet.Of(Blocks, [(Start, End - Start)]);

    /// <summary>
    /// What a trim of these candidates discards: runs of at least <paramref name="minimum"/> blocks within a segment surely
    /// (add_discard_addrs() works by segment), and perhaps shorter ones that are that long together with what touches them beyond
    /// the segment's border.
    /// </summary>
    internal (BlockSet Least, BlockSet Most) LongEnough(BlockSet candidates, long minimum)
    {
        var (least, most) = (new BlockSet(Blocks), new BlockSet(Blocks));
        foreach (var (start, length) in candidates.Ranges())
        {
            if (length < minimum) continue;
            most.Add(start, length);
            for (var at = start; at < start + length;)
            {
                var end = Math.Min(start + length, Start + (((at - Start) / SegmentBlocks + 1) * SegmentBlocks));
                if (end - at >= minimum) least.Add(at, end - at);
                at = end;
            }
        }
        return (least, most);
    }
}
