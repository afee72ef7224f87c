using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>
/// Takes the compressed ELF kernel out of a bzImage. Layout: Documentation/arch/x86/boot.rst, fields
/// setup_sects (0x1f1), kernel_version (0x20e), payload_offset (0x248) and payload_length (0x24c).
/// </summary>
internal static class BzimagePayload
{
    private const int SectorBytes = 512;

    /// <summary>How the compressions the kernel knows begin (lib/decompress.c), and what undoes them; gzip is .NET's own.</summary>
    private static readonly (string Name, byte[] Magic, string[] Command, string Package)[] Compressions =
    [
        ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], ["xz", "-dc", "--single-stream"], "xz-utils"),
        ("zstd", [0x28, 0xb5, 0x2f, 0xfd], ["zstd", "-dcq"], "zstd"),
        ("lz4", [0x02, 0x21, 0x4c, 0x18], ["lz4", "-dc"], "lz4"),
        ("lzo", [0x89, 0x4c, 0x5a], ["lzop", "-dc"], "lzop"),
        ("bzip2", [0x42, 0x5a, 0x68], ["bzip2", "-dc"], "bzip2"),
        ("lzma", [0x5d, 0, 0], ["xz", "-dc", "--format=lzma"], "xz-utils"),
    ];

    /// <summary>Decompresses the kernel of <paramref name="bzimage"/> into <paramref name="vmlinux"/>.</summary>
    /// <returns>Null when it is there; else why it cannot be decompressed on this machine (the bzImage boots all the same).</returns>
    /// <exception cref="InfrastructureException">Not a bzImage, or a damaged one.</exception>
    public static async Task<string?> ExtractAsync(string bzimage, string vmlinux, CancellationToken cancellation)
    {
        byte[] image = await File.ReadAllBytesAsync(bzimage, cancellation).ConfigureAwait(false);
        var payload = Locate(image, bzimage);
        await using (var output = File.Create(vmlinux))
        {
            if (await DecompressAsync(image, payload, bzimage, output, cancellation).ConfigureAwait(false) is { } why)
                return why;
        }
        byte[] magic = new byte[4];
        await using var check = File.OpenRead(vmlinux);
        if (await check.ReadAtLeastAsync(magic, 4, false, cancellation).ConfigureAwait(false) != 4 || !magic.AsSpan().SequenceEqual("\u007fELF"u8))
            throw new InfrastructureException($"{bzimage}: what it holds is not an ELF kernel; is the file damaged?");
        return null;
    }

    /// <summary>Whether these bytes begin a bzImage.</summary>
    public static bool IsBzimage(ReadOnlySpan<byte> image) => image.Length >= 0x250 && image.Slice(0x202, 4).SequenceEqual("HdrS"u8);

    /// <summary>The release (<c>uname -r</c>) that the header of a bzImage names.</summary>
    /// <exception cref="InfrastructureException">It names none.</exception>
    public static string Release(ReadOnlySpan<byte> image, string name)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(image[0x20e..]) + 0x200;
        var text = at == 0x200 || at >= image.Length ? [] : image[at..];
        int end = text.IndexOfAny((byte)' ', (byte)0);
        return end > 0 ? Encoding.ASCII.GetString(text[..end]) : throw new InfrastructureException($"{name} does not say which kernel it is (no kernel_version in its header)");
    }

    internal static Range Locate(ReadOnlySpan<byte> image, string name)
    {
        if (!IsBzimage(image))
            throw new InfrastructureException($"{name} is not a bzImage: no HdrS mark at 0x202");
        int setupSectors = image[0x1f1] == 0 ? 4 : image[0x1f1];
        long start = ((setupSectors + 1L) * SectorBytes) + BinaryPrimitives.ReadUInt32LittleEndian(image[0x248..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(image[0x24c..]);
        if (length < 10 || start + length > image.Length)
            throw new InfrastructureException($"{name} is cut off: its payload should end at byte {start + length}, the file has {image.Length}");
        return (int)start..(int)(start + length);
    }

    private static async Task<string?> DecompressAsync(
        byte[] image, Range payload, string name, Stream output, CancellationToken cancellation)
    {
        var (start, length) = payload.GetOffsetAndLength(image.Length);
        if (image[start] == 0x1f && image[start + 1] == 0x8b)
        {
            using var gzipped = new MemoryStream(image, start, length, writable: false);
            await using var gzip = new GZipStream(gzipped, CompressionMode.Decompress);
            await gzip.CopyToAsync(output, cancellation).ConfigureAwait(false);
            return null;
        }
        var known = Compressions.FirstOrDefault(c => image.AsSpan(start, length).StartsWith(c.Magic));
        if (known.Name is null)
            return $"its compression is unknown (first bytes {Convert.ToHexStringLower(image, start, 6)})";
        if (Programs.Find(known.Command[0]) is null)
            return $"{known.Command[0]} is not installed (Debian package {known.Package})";
        // Four bytes follow the compressed kernel: the length of the result (scripts/Makefile.lib, size_append).
        using var input = new MemoryStream(image, start, length - 4, writable: false);
        await (new Command(known.Command[0], known.Command[1..]) { Input = input, OutputTo = output })
            .MustAsync($"decompress the kernel {name} ({known.Name}); is it damaged?", cancellation).ConfigureAwait(false);
        return null;
    }
}
