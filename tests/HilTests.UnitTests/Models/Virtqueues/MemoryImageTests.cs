using System.Buffers.Binary;
using HilTests.Models.Virtqueues;

namespace HilTests.UnitTests.Models.Virtqueues;

public sealed class MemoryImageTests
{
    private const int Size = 3 * 4096;

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public bool A_write_makes_a_new_image_and_leaves_every_old_one((ushort At, byte[] Bytes)[] writes)
    {
        var flat = new byte[Size];
        var image = new MemoryImage(Size);
        var history = new List<(MemoryImage Image, byte[] Content)> { (image, [.. flat]) };
        foreach (var (at, raw) in writes)
        {
            var bytes = Enlarge(raw ?? [], at);
            var offset = at % (Size - bytes.Length);
            bytes.CopyTo(flat, offset);
            image = image.Write(offset, bytes);
            history.Add((image, [.. flat]));
        }
        return history.All(h => h.Image.Slice(0, Size).AsSpan().SequenceEqual(h.Content));
    }

    [FsCheck.NUnit.Property]
    public bool Numbers_are_little_endian(ushort at, ushort number)
    {
        var offset = at % (Size - 2);
        var image = new MemoryImage(Size).Write16(offset, number);
        return image.Read16(offset) == number && BinaryPrimitives.ReadUInt16LittleEndian(image.Slice(offset, 2)) == number;
    }

    [TestCase(0, Size, true)]
    [TestCase(Size, 0, true)]
    [TestCase(Size - 1, 2, false)]
    [TestCase(-1, 1, false)]
    [TestCase(0, -1, false)]
    [TestCase(0, Size + 1, false)]
    public void It_says_what_it_holds(long offset, long length, bool holds) =>
        Assert.That(new MemoryImage(Size).Holds(offset, length), Is.EqualTo(holds));

    /// <summary>Now and then a write long enough to cross pages.</summary>
    private static byte[] Enlarge(byte[] bytes, int choice) =>
        choice % 4 != 0 ? bytes : [.. Enumerable.Range(0, 4100).Select(i => (byte)(i + choice)), .. bytes];
}
