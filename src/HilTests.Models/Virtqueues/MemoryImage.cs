using System.Buffers.Binary;

namespace HilTests.Models.Virtqueues;

/// <summary>
/// What the memory holds that driver and device share, as a value: a write gives a new image, the old one stays.
/// Kept in pages of 4096 bytes, and those in groups, that images share.
/// </summary>
public sealed class MemoryImage
{
    private const int PageSize = 4096;

    private static readonly byte[] ZeroPage = new byte[PageSize];

    /// <summary>Pages in a group: about the square root of how many there are, so that a write copies little.</summary>
    private const int GroupSize = 32;

    private static readonly byte[]?[] ZeroGroup = new byte[]?[GroupSize];

    private readonly byte[]?[]?[] _groups;

    /// <summary>Zeroed memory.</summary>
    /// <param name="size">bytes</param>
    public MemoryImage(int size)
        : this((size + PageSize - 1) / PageSize * PageSize, new byte[]?[]?[(size + (PageSize * GroupSize) - 1) / (PageSize * GroupSize)])
    {
    }

    private MemoryImage(int size, byte[]?[]?[] groups) => (Size, _groups) = (size, groups);

    /// <summary>Bytes, a whole number of pages.</summary>
    public int Size { get; }

    /// <summary>Whether the stretch lies inside.</summary>
    public bool Holds(long offset, long length) => offset >= 0 && length >= 0 && offset + length <= Size;

    /// <summary>Copies bytes out.</summary>
    public void Read(int offset, Span<byte> into)
    {
        while (into.Length > 0)
        {
            var (page, at) = (offset / PageSize, offset % PageSize);
            var part = Math.Min(into.Length, PageSize - at);
            (_groups[page / GroupSize]?[page % GroupSize] ?? ZeroPage).AsSpan(at, part).CopyTo(into);
            into = into[part..];
            offset += part;
        }
    }

    /// <summary>The image with these bytes at the offset.</summary>
    public MemoryImage Write(int offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return this;
        var groups = (byte[]?[]?[])_groups.Clone();
        var (first, last) = (offset / PageSize, (offset + bytes.Length - 1) / PageSize);
        for (var group = first / GroupSize; group <= last / GroupSize; group++) groups[group] = (byte[]?[])(groups[group] ?? ZeroGroup).Clone();
        while (bytes.Length > 0)
        {
            var (page, at) = (offset / PageSize, offset % PageSize);
            var part = Math.Min(bytes.Length, PageSize - at);
            var pages = groups[page / GroupSize]!;
            var copy = (byte[])(pages[page % GroupSize] ?? ZeroPage).Clone();
            bytes[..part].CopyTo(copy.AsSpan(at));
            pages[page % GroupSize] = copy;
            bytes = bytes[part..];
            offset += part;
        }
        return new MemoryImage(Size, groups);
    }

    /// <summary>The image with a little-endian 16-bit number at the offset.</summary>
    public MemoryImage Write16(int offset, ushort number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, number);
        return Write(offset, bytes);
    }

    /// <summary>The little-endian 16-bit number at the offset.</summary>
    public ushort Read16(int offset)
    {
        Span<byte> bytes = stackalloc byte[2];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>A copy of a stretch.</summary>
    public byte[] Slice(int offset, int length)
    {
        var bytes = new byte[length];
        Read(offset, bytes);
        return bytes;
    }

    /// <summary>Whether both hold the same bytes; quick where they share pages.</summary>
    public bool SameAs(MemoryImage other)
    {
        if (ReferenceEquals(_groups, other._groups)) return true;
        if (Size != other.Size) return false;
        for (var i = 0; i < _groups.Length; i++)
            if (!ReferenceEquals(_groups[i], other._groups[i]) && !SameGroup(_groups[i] ?? ZeroGroup, other._groups[i] ?? ZeroGroup)) return false;
        return true;
    }

    private static bool SameGroup(byte[]?[] one, byte[]?[] other)
    {
        for (var i = 0; i < GroupSize; i++)
            if (!ReferenceEquals(one[i], other[i]) && !(one[i] ?? ZeroPage).AsSpan().SequenceEqual(other[i] ?? ZeroPage)) return false;
        return true;
    }
}
