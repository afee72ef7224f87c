using HilTests.Core.Channel;

namespace HilTests.Fuzzing.Targets;

/// <summary>The frame decoder: what it reads is what stands there, and reading in pieces makes no difference.</summary>
internal sealed class FrameTarget : FuzzTarget
{
    public override string Name => "frames";

    public override int Share => 400;

    public override bool IsText => false;

    public override IReadOnlyList<byte[]> Corpus { get; } = [.. Conversations.Replies, .. Conversations.SingleFrames];

    public override void Feed(byte[] message)
    {
        var (whole, wholeEnd) = ReadAll(new MemoryStream(message));
        var slow = new GuestStream(message, 1 + (message.Length % 7));
        slow.LetGo();
        var (pieces, piecesEnd) = ReadAllAsync(slow).GetAwaiter().GetResult();
        if (wholeEnd != piecesEnd || whole.Count != pieces.Count) throw new FuzzException($"read at once: {whole.Count} frames, {wholeEnd}; in pieces: {pieces.Count} frames, {piecesEnd}");
        using var written = new MemoryStream();
        using var writer = new FrameWriter(written);
        for (var i = 0; i < whole.Count; i++)
        {
            if (!whole[i].Payload.Span.SequenceEqual(pieces[i].Payload.Span)) throw new FuzzException($"frame {i} differs when it is read in pieces");
            writer.Write(whole[i]);
        }
        if (!message.AsSpan().StartsWith(written.ToArray())) throw new FuzzException("what was read is not what stands there");
        if (wholeEnd == "" && written.Length != message.Length) throw new FuzzException("bytes were left out");
    }

    private static (List<Frame> Frames, string End) ReadAll(Stream stream)
    {
        var frames = new List<Frame>();
        var reader = new FrameReader(stream);
        try
        {
            while (reader.Read() is { } frame) frames.Add(frame);
            return (frames, "");
        }
        catch (ChannelException e)
        {
            return (frames, e.Message);
        }
    }

    private static async Task<(List<Frame> Frames, string End)> ReadAllAsync(Stream stream)
    {
        var frames = new List<Frame>();
        var reader = new FrameReader(stream);
        try
        {
            while (await reader.ReadAsync().ConfigureAwait(false) is { } frame) frames.Add(frame);
            return (frames, "");
        }
        catch (ChannelException e)
        {
            return (frames, e.Message);
        }
    }
}
