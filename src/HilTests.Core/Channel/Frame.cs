using System.Buffers.Binary;
using System.Text;

namespace HilTests.Core.Channel;

/// <summary>
/// One message between host and agent. On the wire: payload length (u32), kind (u8), protocol version (u8),
/// reserved (u16, zero), request id (u32), payload; all numbers little endian.
/// </summary>
/// <param name="Kind">What the frame means.</param>
/// <param name="RequestId">The request it belongs to; 0 where there is none (Hello).</param>
/// <param name="Payload">At most <see cref="MaxPayloadBytes"/> bytes.</param>
public readonly record struct Frame(FrameKind Kind, uint RequestId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The version this code speaks; both sides must agree.</summary>
    public const byte ProtocolVersion = 1;

    /// <summary>Size of the fixed part in bytes.</summary>
    public const int HeaderBytes = 12;

    /// <summary>The largest payload, in bytes (64 MiB).</summary>
    public const int MaxPayloadBytes = 64 * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>A frame whose payload is text.</summary>
    public static Frame OfText(FrameKind kind, uint requestId, string text) =>
        new(kind, requestId, StrictUtf8.GetBytes(text));

    /// <summary>A frame without payload.</summary>
    public static Frame Empty(FrameKind kind, uint requestId) => new(kind, requestId, ReadOnlyMemory<byte>.Empty);

    /// <summary>The payload as text.</summary>
    /// <exception cref="ChannelException">The payload is not UTF-8.</exception>
    public string Text
    {
        get
        {
            try
            {
                return StrictUtf8.GetString(Payload.Span);
            }
            catch (DecoderFallbackException e)
            {
                throw new ChannelException(
                    $"the {Kind} frame of request {RequestId} must hold UTF-8 text, but its {Payload.Length} bytes are not: {e.Message}", e);
            }
        }
    }

    internal static void WriteHeader(Span<byte> header, Frame frame)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)frame.Payload.Length);
        header[4] = (byte)frame.Kind;
        header[5] = ProtocolVersion;
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], frame.RequestId);
    }

    /// <summary>Checks a header and says how long the payload is.</summary>
    internal static (FrameKind Kind, uint RequestId, int Length) ParseHeader(ReadOnlySpan<byte> header)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        byte kind = header[4];
        byte version = header[5];
        ushort reserved = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        uint requestId = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);

        // The version first: another version may mean something else by every other field.
        if (version != ProtocolVersion)
            throw Bad($"protocol version {version}, expected {ProtocolVersion}: host and agent are not of the same build", header);
        if (kind is < (byte)FrameKind.Hello or > (byte)FrameKind.Swapped)
            throw Bad($"frame kind {kind}, expected {(byte)FrameKind.Hello} to {(byte)FrameKind.Swapped}", header);
        if (reserved != 0)
            throw Bad($"reserved field 0x{reserved:x4}, expected 0", header);
        if (length > MaxPayloadBytes)
            throw Bad($"a {(FrameKind)kind} payload of {length} bytes, expected at most {MaxPayloadBytes}", header);
        return ((FrameKind)kind, requestId, (int)length);
    }

    private static ChannelException Bad(string what, ReadOnlySpan<byte> header) =>
        new($"read {what} (header {Convert.ToHexStringLower(header)})");
}
