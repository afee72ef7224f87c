using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using HilTests.Core.Channel;

namespace HilTests.Lab.Machines;

/// <summary>
/// The host's end of the channel to one agent: sends requests, gathers the frames of each into a reply. Knows two
/// ways to be lost on its own, silence and a broken stream; the owner tells it of the others.
/// </summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    /// <summary>How many programs are under way at most: enough to keep the agent busy.</summary>
    private const int Window = 32;

    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly TimeSpan _silence;
    private readonly Func<MachineLoss, MachineLoss>? _review;
    private readonly ConcurrentDictionary<uint, Pending> _pending = new();
    private readonly TaskCompletionSource<MachineLoss> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _watch;
    private readonly Task _pump;
    private long _lastHeard = Stopwatch.GetTimestamp();
    private int _lastId;

    /// <param name="stream">Owned from now on.</param>
    /// <param name="silence">How long the agent may say nothing while it has work.</param>
    /// <param name="review">Has the last word on a cause; null takes causes as they are.</param>
    public AgentConnection(Stream stream, TimeSpan silence, Func<MachineLoss, MachineLoss>? review = null)
    {
        _review = review;
        _stream = stream;
        _reader = new FrameReader(stream);
        _writer = new FrameWriter(stream);
        _silence = silence;
        _watch = new Timer(_ => CheckSilence(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _pump = PumpAsync();
    }

    /// <summary>The agent's first frame.</summary>
    public Task<string> Hello => _hello.Task;

    /// <summary>Completes with the cause once the machine is lost.</summary>
    public Task<MachineLoss> Lost => _lost.Task;

    /// <summary>Completes when the stream has ended, for whatever reason.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Declares the machine lost; the first cause counts.</summary>
    public void Lose(MachineLoss loss)
    {
        if (_lost.Task.IsCompleted)
            return;
        loss = _review?.Invoke(loss) ?? loss;
        if (!_lost.TrySetResult(loss))
            return;
        _hello.TrySetException(new MachineLostException(loss));
        foreach (var pending in _pending.Values)
            pending.Done.TrySetResult(new AgentOutcome.MachineLost(loss));
    }

    /// <summary>Sends a request; its reply is complete when the agent says so or the machine is lost.</summary>
    public async Task<AgentReply> AskAsync(FrameKind kind, string payload, CancellationToken cancellation)
    {
        uint id = (uint)Interlocked.Increment(ref _lastId);
        var pending = new Pending();
        if (_pending.IsEmpty)
            Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());
        _pending[id] = pending;
        try
        {
            if (_lost.Task.IsCompletedSuccessfully)
                return new AgentReply("", new AgentOutcome.MachineLost(await _lost.Task.ConfigureAwait(false)));
            try
            {
                await _writer.WriteAsync(Frame.OfText(kind, id, payload), cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException and not ChannelException or ObjectDisposedException)
            {
                // The stream is gone; who owns the machine finds out why and says so through Lose.
            }
            var outcome = await pending.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
            return new AgentReply(pending.Take(), outcome);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <inheritdoc cref="IMachine.RunManyAsync"/>
    public async IAsyncEnumerable<AgentReply> RunManyAsync(
        IEnumerable<string> programs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var underWay = new Queue<Task<AgentReply>>();
        using var source = programs.GetEnumerator();
        bool more = true;
        while (true)
        {
            while (more && underWay.Count < Window && (more = source.MoveNext()))
                underWay.Enqueue(AskAsync(FrameKind.Run, source.Current, cancellation));
            if (!underWay.TryDequeue(out var next))
                yield break;
            var reply = await next.ConfigureAwait(false);
            yield return reply;
            if (reply.Outcome is AgentOutcome.MachineLost)
                yield break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Lose(new MachineLoss(MachineLossKind.Disposed, "the machine was switched off by its owner"));
        await _watch.DisposeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        _writer.Dispose();
        _ = _hello.Task.Exception; // Seen: a boot that failed was reported in another way.
    }

    private async Task PumpAsync()
    {
        try
        {
            while (await _reader.ReadAsync().ConfigureAwait(false) is { } frame)
            {
                Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());
                Dispatch(frame);
            }
        }
        catch (ChannelException e)
        {
            Lose(new MachineLoss(MachineLossKind.ChannelBroken, $"host: {e.Message}"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The other side is gone: the same as the end of the stream.
        }
        _ended.TrySetResult();
    }

    private void Dispatch(Frame frame)
    {
        if (frame.Kind == FrameKind.Hello)
        {
            _hello.TrySetResult(frame.Text);
            return;
        }
        if (frame is { Kind: FrameKind.Error, RequestId: 0 })
        {
            Lose(new MachineLoss(MachineLossKind.ChannelBroken, frame.Text));
            return;
        }
        if (!_pending.TryGetValue(frame.RequestId, out var pending))
            return; // Somebody stopped waiting for it.
        switch (frame.Kind)
        {
            case FrameKind.Trace:
                pending.Add(frame.Text);
                break;
            case FrameKind.Profile or FrameKind.Pong:
                pending.Add(frame.Text);
                pending.Done.TrySetResult(new AgentOutcome.Completed());
                break;
            case FrameKind.Done:
                pending.Done.TrySetResult(new AgentOutcome.Completed());
                break;
            case FrameKind.Error:
                pending.Done.TrySetResult(new AgentOutcome.AgentError(frame.Text));
                break;
            default:
                Lose(new MachineLoss(MachineLossKind.ChannelBroken, $"host: the agent sent a {frame.Kind} frame, which only a host may send"));
                break;
        }
    }

    private void CheckSilence()
    {
        var quiet = Stopwatch.GetElapsedTime(Volatile.Read(ref _lastHeard));
        if (!_pending.IsEmpty && quiet > _silence)
            Lose(new MachineLoss(MachineLossKind.ChannelSilent, $"the agent had work and said nothing for {quiet.TotalSeconds:0} s (allowed: {_silence.TotalSeconds:0} s)"));
    }

    private sealed class Pending
    {
        private readonly StringBuilder _text = new();

        public TaskCompletionSource<AgentOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(string piece)
        {
            lock (_text)
                _text.Append(piece);
        }

        public string Take()
        {
            lock (_text)
                return _text.ToString();
        }
    }
}
