namespace HilTests.Fuzzing.Targets;

/// <summary>
/// A channel whose other end is a message: nothing comes until it is let go, then the message in pieces, then the end.
/// What is written to it is dropped.
/// </summary>
internal sealed class GuestStream(byte[] message, int piece) : Stream
{
    private readonly TaskCompletionSource _go = new();
    private int _at;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Lets the message come; its reader runs on this thread.</summary>
    public void LetGo() => _go.TrySetResult();

    public override int Read(byte[] buffer, int offset, int count) => Take(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_go.Task.IsCompleted) await _go.Task.ConfigureAwait(false);
        return Take(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count) { }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(piece, buffer.Length), message.Length - _at);
        message.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
