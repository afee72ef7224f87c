using System.Buffers.Binary;
using System.Globalization;
using HilTests.Agent.Execution;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>
/// Where a formatted disk keeps files, from its super block, and which blocks are in use, from
/// <c>/proc/fs/f2fs/DEV/segment_bits</c>.
/// </summary>
internal sealed unsafe class SpaceReader
{
    /// <summary>Where struct f2fs_super_block begins, in bytes, and its members (include/linux/f2fs_fs.h).</summary>
    private const int SuperOffset = 1024;
    private const int LogBlocksPerSegment = 20;
    private const int SegmentsPerSection = 24;
    private const int MainSegments = 68;
    private const int CheckpointStart = 76;
    private const int SitStart = 80;
    private const int MainBlock = 92;
    private const int SuperBytes = 128;

    private SpaceReader(ReadOnlySpan<byte> super)
    {
        SegmentBlocks = 1L << (int)(Number(super, LogBlocksPerSegment) & 31);
        SectionSegments = Number(super, SegmentsPerSection);
        Segments = Number(super, MainSegments);
        Checkpoints = Number(super, CheckpointStart);
        CheckpointsEnd = Number(super, SitStart);
        Start = Number(super, MainBlock);
    }

    /// <summary>Blocks in a segment.</summary>
    public long SegmentBlocks { get; }

    /// <summary>Segments in a section.</summary>
    public long SectionSegments { get; }

    /// <summary>Segments that hold files and nodes.</summary>
    public long Segments { get; }

    /// <summary>The first block of those segments.</summary>
    public long Start { get; }

    /// <summary>The first block of the checkpoints, and the block behind them.</summary>
    public long Checkpoints { get; }

    /// <inheritdoc cref="Checkpoints"/>
    public long CheckpointsEnd { get; }

    /// <summary>Reads the super block of a formatted disk.</summary>
    public static SpaceReader Of(string node)
    {
        using var disk = FileDescriptor.Open(node, fcntl_h.O_RDONLY | fcntl_h.O_CLOEXEC).OrThrow("read the super block");
        var super = stackalloc byte[SuperBytes];
        var got = Sys.Check(libc.pread(disk.Number, super, SuperBytes, SuperOffset), "pread", node).OrThrow("read the super block");
        if (got != SuperBytes) throw new AgentFailureException($"{node} is too short for a super block");
        return new SpaceReader(new ReadOnlySpan<byte>(super, SuperBytes));
    }

    /// <summary>The blocks in use, as ranges in order; null where the kernel does not tell.</summary>
    /// <param name="device">the disk's name, e.g. <c>loop3</c></param>
    public List<(long Start, long Length)>? Valid(string device)
    {
        if (KernelFile.Read($"/proc/fs/f2fs/{device}/segment_bits", out var text) != Errno.None) return null;
        var ranges = new List<(long Start, long Length)>();
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range];
            var bar = line.IndexOf('|');
            if (bar < 0 || !long.TryParse(line[..Math.Min(10, bar)].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var segment)) continue;
            var bits = line[(bar + 1)..];
            bits = bits[(bits.IndexOf('|') + 1)..];
            AddSegment(ranges, Start + (segment * SegmentBlocks), bits);
        }
        return ranges;
    }

    /// <summary>Two hexadecimal digits a byte, the first block in the highest bit (fs/f2fs/segment.h, f2fs_test_bit()).</summary>
    private static void AddSegment(List<(long Start, long Length)> ranges, long block, ReadOnlySpan<char> bits)
    {
        var end = bits.IndexOf('|');
        if (end >= 0) bits = bits[..end];
        foreach (var part in bits.Split(' '))
        {
            var digits = bits[part];
            if (digits.Length != 2 || !byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)) continue;
            for (var bit = 7; bit >= 0; bit--, block++)
            {
                if ((octet & (1 << bit)) == 0) continue;
                if (ranges.Count > 0 && ranges[^1].Start + ranges[^1].Length == block) ranges[^1] = (ranges[^1].Start, ranges[^1].Length + 1);
                else ranges.Add((block, 1));
            }
        }
    }

    private static long Number(ReadOnlySpan<byte> super, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(super[offset..]);
}
