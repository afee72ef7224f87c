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
        Parts = [.. Parts.Where(p => p.Offset < length).Select(p => p.Offset + p.Length <= length ? p : p with { Length = (int)(length - p.Offset) })],
    };

    /// <summary>The digest of each block of 4096 bytes, the last one cut to the file's length.</summary>
    public IEnumerable<ulong> BlockDigests()
    {
        var block = new byte[FileContent.BlockSize];
        for (long at = 0; at < Length; at += FileContent.BlockSize)
        {
            var size = (int)Math.Min(FileContent.BlockSize, Length - at);
            var bytes = block.AsSpan(0, size);
            bytes.Clear();
            foreach (var part in Parts)
            {
                var begin = Math.Max(at, part.Offset);
                var end = Math.Min(at + size, part.Offset + part.Length);
                if (begin < end) FileContent.Fill(bytes[(int)(begin - at)..(int)(end - at)], part.Seed, begin);
            }
            yield return ContentDigest.Of(bytes);
        }
    }
}

/// <summary>One write: bytes of <see cref="FileContent"/>.</summary>
public readonly record struct FilePart(long Offset, int Length, ulong Seed);
