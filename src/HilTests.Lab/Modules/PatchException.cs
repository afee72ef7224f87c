namespace HilTests.Lab.Modules;

/// <summary>A patch cannot be used: it does not apply, does not compile, or touches nothing that can be rebuilt.</summary>
public sealed class PatchException : Exception
{
    public PatchException(string message) : base(message) { }

    public PatchException(string message, Exception? inner) : base(message, inner) { }

    public PatchException() : base("the patch cannot be used") { }
}
