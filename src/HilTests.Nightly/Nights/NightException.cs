namespace HilTests.Nightly.Nights;

/// <summary>Our own side failed: a file of a night, the history, a cluster. Says what to do.</summary>
public sealed class NightException : Exception
{
    public NightException(string message) : base(message) { }

    public NightException(string message, Exception inner) : base(message, inner) { }

    public NightException() : base("the night could not go on") { }
}
