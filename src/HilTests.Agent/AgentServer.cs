using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using HilTests.Core.Channel;

namespace HilTests.Agent;

/// <summary>
/// Serves one kind of request. It writes its answers to <paramref name="reply"/> with the request's own id and
/// ends with <see cref="FrameKind.Done"/>, or with the one frame that answers it. What it throws becomes an
/// <see cref="FrameKind.Error"/> frame; the agent lives on.
/// </summary>
public delegate void RequestHandler(Frame request, FrameWriter reply);

/// <summary>
/// Reads requests from a stream and hands each to the handler of its kind, one after the other. A ping is answered as
/// soon as it is read, also while another request is served: it says that the machine lives.
/// </summary>
public sealed class AgentServer : IDisposable
{
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly Dictionary<FrameKind, RequestHandler> _handlers = [];
    private Exception? _failure;

    public AgentServer(Stream input, Stream output)
    {
        _reader = new FrameReader(input);
        _writer = new FrameWriter(output);
    }

    /// <summary>Says who serves a kind. A kind has one handler.</summary>
    /// <exception cref="ArgumentException">The kind already has a handler.</exception>
    public void Register(FrameKind kind, RequestHandler handler) => _handlers.Add(kind, handler);

    /// <summary>Sends <paramref name="hello"/>, then serves until the stream ends or a Shutdown arrives.</summary>
    /// <exception cref="ChannelException">The host sent something that is no frame; an Error frame was sent before.</exception>
    public void Serve(string hello)
    {
        _writer.Write(Frame.OfText(FrameKind.Hello, 0, hello));
        using var waiting = new BlockingCollection<Frame>();
        var server = new Thread(() => ServeAll(waiting)) { IsBackground = true, Name = "requests" };
        server.Start();
        try
        {
            while (Next() is { } request)
            {
                if (request.Kind == FrameKind.Ping)
                    _writer.Write(new Frame(FrameKind.Pong, request.RequestId, request.Payload));
                else
                    waiting.Add(request);
                if (request.Kind == FrameKind.Shutdown)
                    break;
            }
        }
        finally
        {
            waiting.CompleteAdding();
            server.Join();
        }
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    public void Dispose() => _writer.Dispose();

    private Frame? Next()
    {
        try
        {
            return _reader.Read();
        }
        catch (ChannelException e)
        {
            // After a bad header nothing that follows can be trusted: say why, then end.
            _writer.Write(Frame.OfText(FrameKind.Error, 0, $"agent: {e.Message}"));
            throw;
        }
    }

    private void ServeAll(BlockingCollection<Frame> waiting)
    {
        try
        {
            foreach (var request in waiting.GetConsumingEnumerable())
            {
                if (request.Kind == FrameKind.Shutdown)
                    _writer.Write(Frame.Empty(FrameKind.Done, request.RequestId));
                else
                    Answer(request);
            }
        }
        catch (Exception e)
        {
            // The channel broke under an answer; thrown again by whoever reads.
            _failure = e;
        }
    }

    private void Answer(Frame request)
    {
        if (!_handlers.TryGetValue(request.Kind, out var handler))
        {
            _writer.Write(Frame.OfText(FrameKind.Error, request.RequestId,
                $"agent: no handler for a {request.Kind} frame; it serves {string.Join(", ", _handlers.Keys.Order())}"));
            return;
        }
        try
        {
            handler(request, _writer);
        }
        catch (Exception e) when (e is not ChannelException)
        {
            // The whole exception goes to the host: type, message with errno, stack.
            _writer.Write(Frame.OfText(FrameKind.Error, request.RequestId,
                $"agent: the {request.Kind} request {request.RequestId} failed: {e}"));
        }
    }
}
