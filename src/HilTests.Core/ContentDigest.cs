using System.Buffers.Binary;

namespace HilTests.Core;

/// <summary>
/// A 64-bit digest of bytes (FNV-1a over 64-bit words with a shift, the last word padded with zeroes). Tells damaged
/// content from whole; not meant against an adversary. Own code because the agent is a static executable, where
/// .NET's hash functions would look for OpenSSL and end the process.
/// </summary>
public static class ContentDigest
{
    private const ulong Basis = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    /// <summary>The digest; length and every bit take part.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var digest = Basis ^ (ulong)bytes.Length;
        while (bytes.Length >= sizeof(ulong))
        {
            digest = Mix(digest, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        if (bytes.IsEmpty) return digest;
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        last.Clear();
        bytes.CopyTo(last);
        return Mix(digest, BinaryPrimitives.ReadUInt64LittleEndian(last));
    }

    private static ulong Mix(ulong digest, ulong word)
    {
        digest = (digest ^ word) * Prime;
        return digest ^ (digest >> 29);
    }
}
