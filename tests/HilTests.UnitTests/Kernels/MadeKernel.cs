using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace HilTests.UnitTests.Kernels;

/// <summary>The smallest files that look like a kernel: a header, an ELF file with or without a PVH note inside.</summary>
internal static class MadeKernel
{
    /// <summary>A bzImage of the given release whose payload is <see cref="Elf"/>, compressed with gzip.</summary>
    public static byte[] Bzimage(string release, bool pvh = true)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Elf(release, pvh));
        byte[] image = new byte[2048 + packed.Length];
        image[0x1f1] = 1;
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20e), 0x100);
        Encoding.ASCII.GetBytes($"{release} (somebody@somewhere) #1\0").CopyTo(image, 0x300);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x248), 1024); // counted from the end of the set-up code, at 1024
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x24c), (uint)packed.Length);
        packed.ToArray().CopyTo(image, 2048);
        return image;
    }

    /// <summary>An ELF file with one segment of notes and a version banner.</summary>
    public static byte[] Elf(string release, bool pvh)
    {
        byte[] file = new byte[512];
        "\u007fELF\u0002\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(64), 4);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(64 + 8), 128);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(64 + 32), 60);
        Note(file.AsSpan(128), "GNU\0", 3, 12);
        Note(file.AsSpan(128 + 28), "Xen\0", pvh ? 18u : 6u, 16);
        Encoding.ASCII.GetBytes($"Linux version {release} (somebody@somewhere)").CopyTo(file, 300);
        return file;
    }

    private static void Note(Span<byte> at, string name, uint type, uint bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], type);
        Encoding.ASCII.GetBytes(name).CopyTo(at[12..]);
    }
}
