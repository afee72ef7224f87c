using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>How a stretch of bytes stands in a trace: whole up to 128 bytes, else length, first bytes and digest.</summary>
public static class ContentValue
{
    private const int Whole = 128;
    private const int Shown = 32;

    /// <summary>The value that stands for these bytes; equal bytes give equal values.</summary>
    public static Value Of(ReadOnlySpan<byte> content) => content.Length <= Whole
        ? Value.Bytes(content)
        : Value.Record(
            ("len", Value.Of(content.Length)),
            ("head", Value.Bytes(content[..Shown])),
            ("digest", Value.Hex(ContentDigest.Of(content))));
}
