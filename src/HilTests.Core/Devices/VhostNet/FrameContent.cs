namespace HilTests.Core.Devices.VhostNet;

/// <summary>Ethernet frames whose every byte follows from length and seed.</summary>
public static class FrameContent
{
    /// <summary>Bytes before the payload: two MAC addresses and the EtherType.</summary>
    public const int EthernetHeader = 14;

    /// <summary>
    /// A frame of <paramref name="length"/> bytes: locally administered MAC addresses, EtherType 0x88b5 (IEEE 802
    /// local experimental), then bytes drawn from the seed. A frame under 14 bytes is cut off.
    /// </summary>
    public static byte[] Make(int length, ulong seed)
    {
        ReadOnlySpan<byte> head = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5];
        var frame = new byte[length];
        head[..Math.Min(head.Length, length)].CopyTo(frame);
        var source = new Seed(seed);
        var drawn = 0UL;
        for (var i = head.Length; i < length; i++)
        {
            if ((i - head.Length) % 8 == 0) drawn = source.Next();
            frame[i] = (byte)drawn;
            drawn >>= 8;
        }
        return frame;
    }
}
