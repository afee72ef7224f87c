using System.Buffers.Binary;

namespace HilTests.Core.Devices.VhostNet.Traffic;

/// <summary>
/// The frames of sustained traffic. Length and every byte of frame number n follow from the seed and n, so that who
/// receives it can check each byte. A frame is a fixed Ethernet header, n in 8 bytes (little-endian; cut off where the
/// frame is shorter), and then a stretch of a random pattern that begins where n says.
/// </summary>
public sealed class TrafficContent
{
    private const int NumberBytes = sizeof(ulong);
    private const int PatternStarts = 1 << 16;
    private const int LargestFrame = 65535;
    private const ulong Golden = 0x9e3779b97f4a7c15;

    private readonly byte[] _pattern;
    private readonly ulong _seed;
    private readonly int _smallest;
    private readonly int _largest;

    /// <param name="seed">chooses lengths and bytes</param>
    /// <param name="smallest">bytes of the shortest frame, Ethernet header included</param>
    /// <param name="largest">bytes of the longest frame</param>
    public TrafficContent(ulong seed, int smallest, int largest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(smallest, FrameContent.EthernetHeader);
        ArgumentOutOfRangeException.ThrowIfLessThan(largest, smallest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(largest, LargestFrame);
        (_seed, _smallest, _largest) = (seed, smallest, largest);
        _pattern = new byte[PatternStarts + largest];
        var source = new Seed(seed);
        for (var at = 0; at + sizeof(ulong) <= _pattern.Length; at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(_pattern.AsSpan(at), source.Next());
    }

    private static ReadOnlySpan<byte> Head => [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5];

    /// <summary>Bytes of frame <paramref name="number"/>.</summary>
    public int LengthOf(long number) => LengthOf(_seed, _smallest, _largest, number);

    /// <summary>Bytes of frame <paramref name="number"/> of such traffic.</summary>
    public static int LengthOf(ulong seed, int smallest, int largest, long number) =>
        smallest == largest ? smallest : smallest + (int)(Mix(seed, number) % (ulong)(largest - smallest + 1));

    /// <summary>Writes frame <paramref name="number"/> to the start of <paramref name="into"/>.</summary>
    public void Write(long number, Span<byte> into)
    {
        var frame = into[..LengthOf(number)];
        Head.CopyTo(frame);
        var payload = frame[Head.Length..];
        Span<byte> digits = stackalloc byte[NumberBytes];
        BinaryPrimitives.WriteInt64LittleEndian(digits, number);
        digits[..Math.Min(NumberBytes, payload.Length)].CopyTo(payload);
        if (payload.Length > NumberBytes) Pattern(number, payload.Length - NumberBytes).CopyTo(payload[NumberBytes..]);
    }

    /// <summary>Whether these bytes are frame <paramref name="number"/>, the whole of it.</summary>
    public bool Is(long number, ReadOnlySpan<byte> frame)
    {
        if (frame.Length != LengthOf(number) || !frame.StartsWith(Head)) return false;
        var payload = frame[Head.Length..];
        Span<byte> digits = stackalloc byte[NumberBytes];
        BinaryPrimitives.WriteInt64LittleEndian(digits, number);
        return payload.Length <= NumberBytes
            ? payload.SequenceEqual(digits[..payload.Length])
            : payload.StartsWith(digits) && payload[NumberBytes..].SequenceEqual(Pattern(number, payload.Length - NumberBytes));
    }

    /// <summary>The number that a frame says it has; -1 where it is too short to say.</summary>
    public static long NumberIn(ReadOnlySpan<byte> frame) => frame.Length < FrameContent.EthernetHeader + NumberBytes
        ? -1
        : BinaryPrimitives.ReadInt64LittleEndian(frame[FrameContent.EthernetHeader..]);

    private ReadOnlySpan<byte> Pattern(long number, int length) => _pattern.AsSpan((int)(Mix(~_seed, number) % PatternStarts), length);

    private static ulong Mix(ulong seed, long number)
    {
        var z = seed ^ ((ulong)number * Golden);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
