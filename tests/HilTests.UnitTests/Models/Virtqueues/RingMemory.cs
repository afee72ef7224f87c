using System.Buffers.Binary;
using HilTests.Models.Virtqueues;

namespace HilTests.UnitTests.Models.Virtqueues;

/// <summary>A descriptor as a test writes it: bits 1 NEXT, 2 WRITE, 4 INDIRECT.</summary>
public readonly record struct Desc(ulong Address, uint Length, int Flags = 0, int Next = 0);

/// <summary>Shared memory that tests lay out by hand; guest addresses begin at <see cref="Base"/>.</summary>
internal sealed class RingMemory
{
    public const ulong Base = 0x10000;
    public const int Size = 64 * 1024;
    public const int Next = 1;
    public const int Write = 2;
    public const int Indirect = 4;

    private readonly byte[] _bytes = new byte[Size];

    public ReadOnlySpan<byte> Bytes => _bytes;

    public MemoryImage Image => new MemoryImage(Size).Write(0, _bytes);

    public RingMemory Put(int table, params ReadOnlySpan<Desc> descriptors)
    {
        for (var i = 0; i < descriptors.Length; i++) Put(table + (16 * i), descriptors[i]);
        return this;
    }

    private void Put(int at, Desc descriptor)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at), descriptor.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at + 8), descriptor.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at + 12), (ushort)descriptor.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at + 14), (ushort)descriptor.Next);
    }
}
