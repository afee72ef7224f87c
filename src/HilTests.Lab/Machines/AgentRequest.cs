using System.Text;
using HilTests.Core.Channel;

namespace HilTests.Lab.Machines;

/// <summary>A request under way, and what the agent has answered to it so far.</summary>
internal sealed class AgentRequest(FrameKind kind)
{
    private readonly StringBuilder _text = new();
    private bool _closed;

    public FrameKind Kind { get; } = kind;

    /// <summary>Completes with the end of the reply; the first end counts.</summary>
    public TaskCompletionSource<AgentOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Characters so far.</summary>
    public int Length { get; private set; }

    /// <summary>Keeps the next piece; false once nobody waits for it any more.</summary>
    public bool TryAdd(string piece)
    {
        lock (_text)
        {
            if (_closed)
                return false;
            _text.Append(piece);
            Length = _text.Length;
            return true;
        }
    }

    /// <summary>Takes no more pieces; says how many characters there were.</summary>
    public int Close()
    {
        lock (_text)
        {
            _closed = true;
            return Length;
        }
    }

    /// <summary>The text so far.</summary>
    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    /// <summary>Whether a frame of this kind answers the request. Error answers any.</summary>
    public bool IsAnsweredBy(FrameKind answer) => answer is FrameKind.Error || answer == Kind switch
    {
        FrameKind.Ping => FrameKind.Pong,
        FrameKind.Probe => FrameKind.Profile,
        FrameKind.Swap => FrameKind.Swapped,
        _ => FrameKind.Done,
    };
}
