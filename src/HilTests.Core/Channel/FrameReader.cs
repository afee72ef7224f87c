namespace HilTests.Core.Channel;

/// <summary>
/// Reads frames from a stream. Not safe for two readers at once. Payloads are allocated as they arrive, so a
/// wrong length field cannot make the reader take 64 MiB before any of it was sent.
/// </summary>
public sealed class FrameReader(Stream stream)
{
    private const int FirstChunkBytes = 1 << 20;

    private readonly byte[] _header = new byte[Frame.HeaderBytes];

    /// <summary>Reads the next frame; null when the stream ends between two frames.</summary>
    /// <exception cref="ChannelException">Truncated, oversized, unknown kind or wrong version.</exception>
    public Frame? Read()
    {
        int got = stream.ReadAtLeast(_header, Frame.HeaderBytes, throwOnEndOfStream: false);
        if (!HeaderIsWhole(got))
            return null;
        var (kind, id, length) = Frame.ParseHeader(_header);
        byte[] payload = new byte[Math.Min(length, FirstChunkBytes)];
        int filled = 0;
        while (true)
        {
            int n = stream.ReadAtLeast(payload.AsSpan(filled), payload.Length - filled, throwOnEndOfStream: false);
            filled += n;
            if (filled < payload.Length)
                throw TruncatedPayload(kind, id, filled, length);
            if (filled == length)
                return new Frame(kind, id, payload);
            Array.Resize(ref payload, (int)Math.Min(length, payload.Length * 2L));
        }
    }

    /// <inheritdoc cref="Read"/>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellation = default)
    {
        int got = await stream.ReadAtLeastAsync(_header, Frame.HeaderBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (!HeaderIsWhole(got))
            return null;
        var (kind, id, length) = Frame.ParseHeader(_header);
        byte[] payload = new byte[Math.Min(length, FirstChunkBytes)];
        int filled = 0;
        while (true)
        {
            int n = await stream.ReadAtLeastAsync(payload.AsMemory(filled), payload.Length - filled, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            filled += n;
            if (filled < payload.Length)
                throw TruncatedPayload(kind, id, filled, length);
            if (filled == length)
                return new Frame(kind, id, payload);
            Array.Resize(ref payload, (int)Math.Min(length, payload.Length * 2L));
        }
    }

    private static bool HeaderIsWhole(int got) => got switch
    {
        0 => false,
        < Frame.HeaderBytes => throw new ChannelException(
            $"the stream ended inside a frame header: read {got} bytes, expected {Frame.HeaderBytes}"),
        _ => true,
    };

    private static ChannelException TruncatedPayload(FrameKind kind, uint id, int read, int expected) =>
        new($"the stream ended inside the {kind} frame of request {id}: read {read} bytes of payload, expected {expected}");
}
