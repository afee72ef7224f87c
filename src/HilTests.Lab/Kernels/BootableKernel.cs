using System.Buffers.Binary;
using System.Text;

namespace HilTests.Lab.Kernels;

/// <summary>Finds out in which form QEMU can be given a kernel.</summary>
internal static class BootableKernel
{
    private const int ElfHeaderBytes = 64;
    private const uint NoteSegment = 4; // PT_NOTE
    private const uint EntryNote = 18; // XEN_ELFNOTE_PHYS32_ENTRY, include/xen/interface/elfnote.h

    /// <summary>Decompresses a bzImage where that can be done and is of use.</summary>
    /// <param name="bzimage">The kernel.</param>
    /// <param name="vmlinux">Where the decompressed one goes.</param>
    /// <param name="progress">Told why not, if not.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The file to give to QEMU: <paramref name="vmlinux"/>, or <paramref name="bzimage"/> (it boots more slowly).</returns>
    public static async Task<string> PrepareAsync(string bzimage, string vmlinux, Action<string>? progress, CancellationToken cancellation)
    {
        string? obstacle = await BzimagePayload.ExtractAsync(bzimage, vmlinux, cancellation).ConfigureAwait(false)
            ?? (HasPvhEntry(vmlinux) ? null : "it has no PVH entry (CONFIG_PVH)");
        if (obstacle is null)
            return vmlinux;
        File.Delete(vmlinux);
        progress?.Invoke($"the kernel is booted compressed, which takes seconds more: {obstacle}");
        return bzimage;
    }

    /// <summary>Whether an ELF kernel can be started by QEMU: it carries a note that names its 32-bit entry.</summary>
    public static bool HasPvhEntry(string vmlinux)
    {
        using var file = File.OpenRead(vmlinux);
        byte[] header = new byte[ElfHeaderBytes];
        if (file.ReadAtLeast(header, ElfHeaderBytes, false) != ElfHeaderBytes || !header.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8))
            return false;
        long table = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(54)), count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        byte[] segment = new byte[56];
        for (int i = 0; size >= segment.Length && i < count; i++)
        {
            file.Position = table + ((long)i * size);
            if (file.ReadAtLeast(segment, segment.Length, false) != segment.Length)
                return false;
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) == NoteSegment
                && HasEntryNote(file, BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(32))))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The release an ELF kernel names in its banner, <c>Linux version RELEASE (…</c>; null when it has none.</summary>
    public static string? Release(ReadOnlySpan<byte> vmlinux)
    {
        var mark = "Linux version "u8;
        for (int at = vmlinux.IndexOf(mark); at >= 0; at = vmlinux.IndexOf(mark))
        {
            vmlinux = vmlinux[(at + mark.Length)..];
            int end = vmlinux.IndexOf((byte)' ');
            if (end is > 0 and < 65 && char.IsAsciiDigit((char)vmlinux[0]))
                return Encoding.ASCII.GetString(vmlinux[..end]);
        }
        return null;
    }

    private static bool HasEntryNote(FileStream file, long offset, long length)
    {
        if (length is < 12 or > (1 << 20))
            return false;
        byte[] notes = new byte[length];
        file.Position = offset;
        if (file.ReadAtLeast(notes, notes.Length, false) != notes.Length)
            return false;
        for (int at = 0; at + 12 <= notes.Length;)
        {
            var note = notes.AsSpan(at);
            uint nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(note), valueBytes = BinaryPrimitives.ReadUInt32LittleEndian(note[4..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(note[8..]) == EntryNote && note[12..].StartsWith("Xen\0"u8))
                return true;
            long next = at + 12L + Padded(nameBytes) + Padded(valueBytes);
            if (next > notes.Length)
                return false;
            at = (int)next;
        }
        return false;
    }

    private static long Padded(uint bytes) => (bytes + 3L) & ~3L;
}
