namespace HilTests.Lab.Machines;

/// <summary>
/// How much an agent may make the host keep and how long it may take. An agent in a guest is not to be trusted: the
/// kernel under test may have overwritten it. What goes beyond a limit loses the machine.
/// </summary>
internal sealed record ChannelLimits
{
    /// <summary>Characters of one reply; a trace of a full tracing buffer has a third of that.</summary>
    public int ReplyChars { get; init; } = 64 << 20;

    /// <summary>Characters of all replies that nobody has taken yet.</summary>
    public long HeldChars { get; init; } = 128L << 20;

    /// <summary>Bytes of the hello, and of the answer to a ping or probe.</summary>
    public int ShortAnswerBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of frames in a row that belong to no request under way: what a request that was given up leaves behind.</summary>
    public long StrayBytes { get; init; } = 64L << 20;

    /// <summary>Characters kept of an error that the agent tells of.</summary>
    public int ErrorChars { get; init; } = 16 << 10;

    /// <summary>How long the agent may have work and say nothing of it.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long it may be at one request, whatever it says meanwhile.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The start of a text that may be far too long for a message.</summary>
    public string Shortened(string text) =>
        text.Length <= ErrorChars ? text : $"{text.AsSpan(0, ErrorChars)} … ({text.Length - ErrorChars} characters more)";
}
