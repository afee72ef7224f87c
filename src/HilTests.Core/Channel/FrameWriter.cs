namespace HilTests.Core.Channel;

/// <summary>Writes frames to a stream. Safe for several threads: a frame is never torn by another one.</summary>
public sealed class FrameWriter(Stream stream) : IDisposable
{
    /// <summary>Frames up to this size go out in one write, together with their header.</summary>
    private const int JoinBytes = 64 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Writes one frame and flushes it.</summary>
    /// <exception cref="ChannelException">The payload is larger than <see cref="Frame.MaxPayloadBytes"/>.</exception>
    public void Write(Frame frame)
    {
        byte[] head = Head(frame, out bool whole);
        _turn.Wait();
        try
        {
            stream.Write(head);
            if (!whole)
                stream.Write(frame.Payload.Span);
            stream.Flush();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc cref="Write"/>
    public async ValueTask WriteAsync(Frame frame, CancellationToken cancellation = default)
    {
        byte[] head = Head(frame, out bool whole);
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Once begun a frame is written to its end: half a frame would spoil all that follow.
            await stream.WriteAsync(head, CancellationToken.None).ConfigureAwait(false);
            if (!whole)
                await stream.WriteAsync(frame.Payload, CancellationToken.None).ConfigureAwait(false);
            await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the use of this writer; the stream stays open.</summary>
    public void Dispose() => _turn.Dispose();

    private static byte[] Head(Frame frame, out bool whole)
    {
        int length = frame.Payload.Length;
        if (length > Frame.MaxPayloadBytes)
        {
            throw new ChannelException(
                $"a {frame.Kind} frame of request {frame.RequestId} would hold {length} bytes of payload, allowed are at most {Frame.MaxPayloadBytes}");
        }
        whole = length <= JoinBytes;
        byte[] head = new byte[Frame.HeaderBytes + (whole ? length : 0)];
        Frame.WriteHeader(head, frame);
        if (whole)
            frame.Payload.Span.CopyTo(head.AsSpan(Frame.HeaderBytes));
        return head;
    }
}
