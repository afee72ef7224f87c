namespace HilTests.Fuzzing;

/// <summary>One thing that reads what a guest sends.</summary>
public abstract class FuzzTarget
{
    /// <summary>The word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Its share of all messages, in parts of the sum of all shares.</summary>
    public abstract int Share { get; }

    /// <summary>Good messages; what is fed is made of them.</summary>
    public abstract IReadOnlyList<byte[]> Corpus { get; }

    /// <summary>Words that mean something in these messages.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Whether messages are lines of text; they are then also changed line by line and word by word.</summary>
    public virtual bool IsText => true;

    /// <summary>Feeds one message. A clean refusal is fine; whatever else is wrong is thrown.</summary>
    public abstract void Feed(byte[] message);
}

/// <summary>A target read something it should not have, or lost what it should have kept.</summary>
public sealed class FuzzException : Exception
{
    public FuzzException(string message) : base(message) { }

    public FuzzException(string message, Exception inner) : base(message, inner) { }

    public FuzzException() : base("a target did wrong") { }
}
