using System.Buffers.Binary;

namespace HilTests.Models.Virtqueues;

/// <summary>Layout of a split virtqueue's three parts; virtio 1.2, 2.7.5, 2.7.6, 2.7.8.</summary>
internal static class SplitRing
{
    public const int DescriptorSize = 16;
    public const ushort FlagNext = 1;
    public const ushort FlagWrite = 2;
    public const ushort FlagIndirect = 4;
    public const ushort NoInterrupt = 1;
    public const ushort NoNotify = 1;

    /// <summary>Most segments one chain may come to in vhost (UIO_MAXIOV; drivers/vhost/vhost.c).</summary>
    public const int MostSegments = 1024;

    /// <summary>Most entries of an indirect table: its index is 16 bits wide; virtio 1.2, 2.7.5.3.</summary>
    public const int MostIndirect = 65536;

    /// <summary>Bytes before the first slot of the avail ring.</summary>
    public const int AvailHeader = 4;

    public static int AvailIndex(int avail) => avail + 2;

    public static int AvailSlot(int avail, int num, ushort index) => avail + 4 + (2 * (index & (num - 1)));

    public static int UsedEvent(int avail, int num) => avail + 4 + (2 * num);

    public static int AvailEvent(int used, int num) => used + 4 + (8 * num);

    public static int UsedIndex(int used) => used + 2;

    /// <summary>One entry of a descriptor table.</summary>
    public readonly record struct Descriptor(ulong Address, uint Length, ushort Flags, ushort Next)
    {
        public static Descriptor Read(ReadOnlySpan<byte> bytes) => new(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]));

        public static Descriptor Read(MemoryImage memory, int offset)
        {
            Span<byte> bytes = stackalloc byte[DescriptorSize];
            memory.Read(offset, bytes);
            return Read(bytes);
        }
    }
}
