using System.Buffers.Binary;

namespace HilTests.Core.Devices.F2fs;

/// <summary>What the bytes of a written range are: a function of seed and position, so that any part can be made alone.</summary>
public static class FileContent
{
    /// <summary>Bytes in a block.</summary>
    public const int BlockSize = 4096;

    /// <summary>Fills the buffer with the content at <paramref name="offset"/> bytes into the file.</summary>
    public static void Fill(Span<byte> buffer, ulong seed, long offset)
    {
        Span<byte> word = stackalloc byte[8];
        var done = 0;
        while (done < buffer.Length)
        {
            var position = offset + done;
            BinaryPrimitives.WriteUInt64LittleEndian(word, Word(seed, (ulong)position / 8));
            var part = word[(int)(position % 8)..];
            if (part.Length > buffer.Length - done) part = part[..(buffer.Length - done)];
            part.CopyTo(buffer[done..]);
            done += part.Length;
        }
    }

    private static ulong Word(ulong seed, ulong index)
    {
        var z = seed + (index * 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
