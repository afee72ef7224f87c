namespace HilTests.Core.Channel;

/// <summary>The byte stream is not what the wire format allows; says what was read and what was expected.</summary>
public sealed class ChannelException : IOException
{
    public ChannelException(string message) : base(message) { }

    public ChannelException(string message, Exception inner) : base(message, inner) { }

    public ChannelException() : base("the channel is broken") { }
}
