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

    /// <summary>A 64-bit digest of a block's bytes (FNV-1a over 64-bit words, the last one padded with zeroes).</summary>
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        var digest = 0xcbf29ce484222325UL ^ (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            digest = Step(digest, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        if (bytes.IsEmpty) return digest;
        Span<byte> rest = stackalloc byte[8];
        bytes.CopyTo(rest);
        return Step(digest, BinaryPrimitives.ReadUInt64LittleEndian(rest));
    }

    private static ulong Step(ulong digest, ulong word)
    {
        digest = (digest ^ word) * 0x100000001b3;
        return digest ^ (digest >> 29);
    }

    private static ulong Word(ulong seed, ulong index)
    {
        var z = seed + (index * 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
