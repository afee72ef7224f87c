using System.Buffers.Binary;

namespace HilTests.Lab.Images;

/// <summary>The bytes of a kernel module file.</summary>
internal static class ModuleFile
{
    /// <summary>Size of struct module_signature (include/linux/module_signature.h): its last field is the signature's length, big endian.</summary>
    private const int SignatureInfoBytes = 12;

    private static ReadOnlySpan<byte> Marker => "~Module signature appended~\n"u8;

    /// <summary>
    /// The module without the signature at its end. The code stays as it is; the kernel is spared a check that costs
    /// a tenth of the boot under TCG and whose result does not matter here.
    /// </summary>
    public static ReadOnlySpan<byte> WithoutSignature(ReadOnlySpan<byte> module)
    {
        if (!module.EndsWith(Marker))
            return module;
        var rest = module[..^Marker.Length];
        if (rest.Length < SignatureInfoBytes)
            return module;
        long signature = BinaryPrimitives.ReadUInt32BigEndian(rest[^4..]);
        long end = rest.Length - SignatureInfoBytes - signature;
        return end > 0 ? rest[..(int)end] : module;
    }
}
