namespace HilTests.Lab.Patches;

/// <summary>What was given as a patch cannot be read: no such file, too long, no patch in it.</summary>
public sealed class PatchInputException : Exception
{
    public PatchInputException(string message) : base(message) { }

    public PatchInputException(string message, Exception? inner) : base(message, inner) { }

    public PatchInputException() : base("the patch cannot be read") { }
}
