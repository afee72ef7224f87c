namespace HilTests.Cli;

/// <summary>The command line or an input file is wrong: exit code 2. The message says what, where, and what would be right.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message) : base(message) { }

    public UsageException(string message, Exception inner) : base(message, inner) { }

    public UsageException() : base("wrong usage") { }
}
