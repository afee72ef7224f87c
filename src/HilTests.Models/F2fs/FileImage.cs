using System.Collections.Immutable;
using HilTests.Core;
using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs;

/// <summary>What a file must hold: the writes to it, in order, and its length. Bytes never written are zero.</summary>
/// <param name="Length">bytes</param>
/// <param name="Parts">the writes; later ones lie over earlier ones</param>
public sealed record FileImage(long Length, ImmutableList<FilePart> Parts)
{
    /// <summary>A file without bytes.</summary>
    public static FileImage Empty { get; } = new(0, []);

    /// <summary>How many bytes of it were on disk at the last sync.</summary>
    public long BytesOnDisk { get; init; }

    /// <summary>With a write laid over it.</summary>
    public FileImage Write(long offset, int length, ulong seed) =>
        this with { Length = Math.Max(Length, offset + length), Parts = Parts.Add(new FilePart(offset, length, seed)) };

    /// <summary>Cut off or lengthened with zeroes.</summary>
    public FileImage Truncate(long length) => this with
    {
        Length = length,
        BytesOnDisk = Math.Min(BytesOnDisk, length),
        Parts = [.. Parts.Where(p => p.Offset < length).Select(p => p.Offset + p.Length <= length ? p : p with { Length = length - p.Offset })],
    };

    /// <summary>With zeroes in a range; the length stays.</summary>
    public FileImage Punch(long offset, long length)
    {
        var end = Math.Min(Length, offset + length);
        return end <= offset ? this : this with { BytesOnDisk = 0, Parts = Parts.Add(new FilePart(offset, end - offset, 0) { Zero = true }) };
    }

    /// <summary>Without a range; what follows moves up.</summary>
    public FileImage Collapse(long offset, long length) => this with
    {
        Length = Length - length,
        BytesOnDisk = 0,
        Parts = [.. Parts.SelectMany(p => (FilePart[])[.. p.Within(0, offset), .. p.Within(offset + length, long.MaxValue).Select(tail => tail.Moved(-length))])],
    };

    /// <summary>With a gap of zeroes; what followed moves down.</summary>
    public FileImage Insert(long offset, long length) => this with
    {
        Length = Length + length,
        BytesOnDisk = 0,
        Parts = [.. Parts.SelectMany(p => (FilePart[])[.. p.Within(0, offset), .. p.Within(offset, long.MaxValue).Select(tail => tail.Moved(length))])],
    };

    /// <summary>The digest of each block of 4096 bytes, the last one cut to the file's length.</summary>
    public IEnumerable<ulong> BlockDigests()
    {
        for (long at = 0; at < Length; at += FileContent.BlockSize) yield return Digest(at, Length);
    }

    /// <summary>The digest of the block at an offset of a file that long; what this image has not is zero.</summary>
    public ulong Digest(long at, long length)
    {
        var bytes = new byte[(int)Math.Min(FileContent.BlockSize, length - at)].AsSpan();
        foreach (var part in Parts)
        {
            var begin = Math.Max(at, part.Offset);
            var end = Math.Min(at + bytes.Length, part.Offset + part.Length);
            if (begin >= end) continue;
            var range = bytes[(int)(begin - at)..(int)(end - at)];
            if (part.Zero) range.Clear();
            else FileContent.Fill(range, part.Seed, begin - part.Shift);
        }
        return ContentDigest.Of(bytes);
    }
}

/// <summary>One write: bytes of <see cref="FileContent"/>, or zeroes.</summary>
public readonly record struct FilePart(long Offset, long Length, ulong Seed)
{
    /// <summary>Whether the bytes are zero.</summary>
    public bool Zero { get; init; }

    /// <summary>How far it has moved since it was written, in bytes.</summary>
    public long Shift { get; init; }

    /// <summary>What lies between two offsets: nothing or one part.</summary>
    internal IEnumerable<FilePart> Within(long from, long to)
    {
        var begin = Math.Max(from, Offset);
        var end = Math.Min(to, Offset + Length);
        if (begin < end) yield return this with { Offset = begin, Length = end - begin };
    }

    internal FilePart Moved(long by) => this with { Offset = Offset + by, Shift = Shift + by };
}
