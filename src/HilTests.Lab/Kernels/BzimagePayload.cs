using System.Buffers.Binary;
using System.IO.Compression;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>
/// Takes the compressed ELF kernel out of a bzImage. Layout: Documentation/arch/x86/boot.rst, fields
/// setup_sects (0x1f1), payload_offset (0x248) and payload_length (0x24c).
/// </summary>
internal static class BzimagePayload
{
    private const int SectorBytes = 512;

    /// <summary>Decompresses the kernel of <paramref name="bzimage"/> into <paramref name="vmlinux"/>.</summary>
    /// <exception cref="InfrastructureException">Not a bzImage, or a compression that cannot be undone here.</exception>
    public static async Task ExtractAsync(string bzimage, string vmlinux, CancellationToken cancellation)
    {
        byte[] image = await File.ReadAllBytesAsync(bzimage, cancellation).ConfigureAwait(false);
        var payload = Locate(image, bzimage);
        await using (var output = File.Create(vmlinux))
            await DecompressAsync(image, payload, bzimage, output, cancellation).ConfigureAwait(false);
        byte[] magic = new byte[4];
        await using var check = File.OpenRead(vmlinux);
        if (await check.ReadAtLeastAsync(magic, 4, false, cancellation).ConfigureAwait(false) != 4 || !magic.AsSpan().SequenceEqual("\u007fELF"u8))
            throw new InfrastructureException($"{bzimage}: what it holds is not an ELF kernel; is the file damaged?");
    }

    internal static Range Locate(ReadOnlySpan<byte> image, string name)
    {
        if (image.Length < 0x250 || !image.Slice(0x202, 4).SequenceEqual("HdrS"u8))
            throw new InfrastructureException($"{name} is not a bzImage: no HdrS mark at 0x202");
        int setupSectors = image[0x1f1] == 0 ? 4 : image[0x1f1];
        long start = ((setupSectors + 1L) * SectorBytes) + BinaryPrimitives.ReadUInt32LittleEndian(image[0x248..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(image[0x24c..]);
        if (length < 6 || start + length > image.Length)
            throw new InfrastructureException($"{name} is cut off: its payload should end at byte {start + length}, the file has {image.Length}");
        return (int)start..(int)(start + length);
    }

    private static async Task DecompressAsync(
        byte[] image, Range payload, string name, Stream output, CancellationToken cancellation)
    {
        var (start, length) = payload.GetOffsetAndLength(image.Length);
        using var input = new MemoryStream(image, start, length, writable: false);
        byte[] magic = image[start..(start + 6)];
        if (magic.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            await using var gzip = new GZipStream(input, CompressionMode.Decompress);
            await gzip.CopyToAsync(output, cancellation).ConfigureAwait(false);
            return;
        }
        // xz: four bytes (the length of the result) follow the stream.
        Command command = magic.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])
            ? new Command("xz", "-dc", "--single-stream")
            : magic.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])
                ? new Command("zstd", "-dc", "--no-check")
                : throw new InfrastructureException(
                    $"{name}: unknown kernel compression (first bytes {Convert.ToHexStringLower(magic)}), known are xz, gzip and zstd");
        await (command with { Input = input, OutputTo = output }).MustAsync($"decompress the kernel {name}", cancellation).ConfigureAwait(false);
    }
}
