using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using HilTests.Core.Channel;

namespace HilTests.Lab.Machines;

/// <summary>
/// The host's end of the channel to one agent: sends requests, gathers the frames of each into a reply. Knows two
/// ways to be lost on its own, silence and a broken stream; the owner tells it of the others. Whatever the agent
/// sends, each request ends in one reply, and what is kept stays within <see cref="ChannelLimits"/>.
/// </summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    /// <summary>How many programs are under way at most: enough to keep the agent busy.</summary>
    private const int Window = 32;

    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly ChannelLimits _limits;
    private readonly Func<MachineLoss, MachineLoss>? _review;
    private readonly ConcurrentDictionary<uint, AgentRequest> _pending = new();
    private readonly TaskCompletionSource<MachineLoss> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _watch;
    private readonly Task _pump;
    private long _lastHeard = Stopwatch.GetTimestamp();
    private long _lastAnswer = Stopwatch.GetTimestamp();
    private long _held;
    private long _stray;
    private int _lastId;

    public AgentConnection(Stream stream, TimeSpan silence, Func<MachineLoss, MachineLoss>? review = null)
        : this(stream, new ChannelLimits { Silence = silence }, review)
    {
    }

    /// <param name="stream">Owned from now on.</param>
    /// <param name="limits">What the agent may send, and how long it may say nothing while it has work.</param>
    /// <param name="review">Has the last word on a cause; null takes causes as they are.</param>
    public AgentConnection(Stream stream, ChannelLimits limits, Func<MachineLoss, MachineLoss>? review = null)
    {
        _review = review;
        _stream = stream;
        _reader = new FrameReader(stream);
        _writer = new FrameWriter(stream);
        _limits = limits;
        _watch = new Timer(_ => CheckSilence(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _pump = PumpAsync();
    }

    /// <summary>The agent's first frame.</summary>
    public Task<string> Hello => _hello.Task;

    /// <summary>Completes with the cause once the machine is lost.</summary>
    public Task<MachineLoss> Lost => _lost.Task;

    /// <summary>Completes when the stream has ended, for whatever reason.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Characters of replies that nobody has taken yet.</summary>
    internal long HeldChars => Interlocked.Read(ref _held);

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
    public async Task<AgentReply> AskAsync(FrameKind kind, string payload, CancellationToken cancellation) =>
        Taken(await SendAsync(kind, payload, cancellation).ConfigureAwait(false));

    /// <summary>Sends a request of bytes that must not come between programs.</summary>
    /// <exception cref="InvalidOperationException">A program was sent and has not been answered.</exception>
    public async Task<AgentReply> AskAloneAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        if (_pending.Values.Any(r => r.Kind == FrameKind.Run))
            throw new InvalidOperationException($"a program runs on this machine, or waits to: a {kind} request has to wait for its reply");
        return Taken(await SendAsync(kind, payload, cancellation).ConfigureAwait(false));
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
                underWay.Enqueue(SendAsync(FrameKind.Run, source.Current, cancellation));
            if (!underWay.TryDequeue(out var next))
                yield break;
            var reply = Taken(await next.ConfigureAwait(false));
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

    /// <summary>Sends a request. Its text counts as held until it is <see cref="Taken"/>.</summary>
    private Task<AgentReply> SendAsync(FrameKind kind, string payload, CancellationToken cancellation) =>
        SendAsync(kind, Encoding.UTF8.GetBytes(payload), cancellation);

    private async Task<AgentReply> SendAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        uint id = (uint)Interlocked.Increment(ref _lastId);
        var request = new AgentRequest(kind);
        if (_pending.IsEmpty)
        {
            Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());
            Volatile.Write(ref _lastAnswer, Stopwatch.GetTimestamp());
        }
        _pending[id] = request;
        AgentReply? reply = null;
        try
        {
            if (_lost.Task.IsCompletedSuccessfully)
                return new AgentReply("", new AgentOutcome.MachineLost(await _lost.Task.ConfigureAwait(false)));
            try
            {
                await _writer.WriteAsync(new Frame(kind, id, payload), cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException and not ChannelException or ObjectDisposedException)
            {
                // The stream is gone; who owns the machine finds out why and says so through Lose.
            }
            var outcome = await request.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
            return reply = new AgentReply(request.Text, outcome);
        }
        finally
        {
            _pending.TryRemove(id, out _);
            // What the reply does not carry on is held no longer.
            Interlocked.Add(ref _held, (reply?.TraceText.Length ?? 0) - request.Close());
        }
    }

    private AgentReply Taken(AgentReply reply)
    {
        Interlocked.Add(ref _held, -reply.TraceText.Length);
        return reply;
    }

    private async Task PumpAsync()
    {
        try
        {
            while (!_lost.Task.IsCompleted && await _reader.ReadAsync().ConfigureAwait(false) is { } frame)
                Dispatch(frame);
        }
        catch (ChannelException e)
        {
            Break(e.Message);
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
            if (frame.Payload.Length > _limits.ShortAnswerBytes) Break($"a hello of {frame.Payload.Length} bytes, allowed are {_limits.ShortAnswerBytes}");
            else if (!_hello.TrySetResult(frame.Text)) CountStray(frame);
            return;
        }
        if (frame is { Kind: FrameKind.Error, RequestId: 0 })
        {
            Lose(new MachineLoss(MachineLossKind.ChannelBroken, _limits.Shortened(frame.Text)));
            return;
        }
        if (frame.Kind is not (FrameKind.Trace or FrameKind.Done or FrameKind.Profile or FrameKind.Pong or FrameKind.Swapped or FrameKind.Error))
            Break($"the agent sent a {frame.Kind} frame, which only a host may send");
        else if (_pending.TryGetValue(frame.RequestId, out var request) && !request.Done.Task.IsCompleted)
            Answer(request, frame);
        else
            CountStray(frame); // Somebody stopped waiting for it.
    }

    private void Answer(AgentRequest request, Frame frame)
    {
        if (frame.Kind == FrameKind.Trace)
        {
            if (request.Kind != FrameKind.Run) Break($"the agent answered a {request.Kind} request with a {frame.Kind} frame");
            else if (frame.Payload.IsEmpty) CountStray(frame); // Says nothing: no sign of life.
            else Gather(request, frame, _limits.ReplyChars);
            return;
        }
        if (!request.IsAnsweredBy(frame.Kind))
        {
            Break($"the agent answered a {request.Kind} request with a {frame.Kind} frame");
            return;
        }
        AgentOutcome outcome = frame.Kind == FrameKind.Error
            ? new AgentOutcome.AgentError(_limits.Shortened(frame.Text))
            : new AgentOutcome.Completed();
        bool hasText = frame.Kind is FrameKind.Profile or FrameKind.Pong or FrameKind.Swapped;
        if (hasText && !Gather(request, frame, _limits.ShortAnswerBytes)) return;
        Heard();
        Volatile.Write(ref _lastAnswer, Stopwatch.GetTimestamp());
        request.Done.TrySetResult(outcome);
    }

    /// <summary>Keeps a piece of a reply, if it is not too much.</summary>
    private bool Gather(AgentRequest request, Frame frame, int most)
    {
        // A byte of UTF-8 is at most one character.
        if ((long)request.Length + frame.Payload.Length > most)
        {
            Break($"the reply to a {request.Kind} request is longer than {most} bytes");
            return false;
        }
        string text = frame.Text;
        if (Interlocked.Add(ref _held, text.Length) > _limits.HeldChars)
        {
            Interlocked.Add(ref _held, -text.Length);
            Break($"the replies that wait are longer than {_limits.HeldChars} characters");
            return false;
        }
        if (!request.TryAdd(text)) Interlocked.Add(ref _held, -text.Length);
        Heard();
        return true;
    }

    private void Heard()
    {
        _stray = 0;
        Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());
    }

    private void CountStray(Frame frame)
    {
        _stray += Frame.HeaderBytes + frame.Payload.Length;
        if (_stray > _limits.StrayBytes)
            Break($"the agent sent {_stray} bytes that nobody had asked for");
    }

    private void Break(string what) => Lose(new MachineLoss(MachineLossKind.ChannelBroken, $"host: {what}"));

    private void CheckSilence()
    {
        if (_pending.IsEmpty) return;
        var quiet = Stopwatch.GetElapsedTime(Volatile.Read(ref _lastHeard));
        var busy = Stopwatch.GetElapsedTime(Volatile.Read(ref _lastAnswer));
        if (quiet > _limits.Silence)
            Lose(new MachineLoss(MachineLossKind.ChannelSilent, $"the agent had work and said nothing for {quiet.TotalSeconds:0} s (allowed: {_limits.Silence.TotalSeconds:0} s)"));
        else if (busy > _limits.Answer)
            Lose(new MachineLoss(MachineLossKind.ChannelSilent, $"the agent did not come to the end of a request in {busy.TotalMinutes:0} min (allowed: {_limits.Answer.TotalMinutes:0} min)"));
    }
}
