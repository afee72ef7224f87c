namespace HilTests.Core.Kernel;

/// <summary>A kernel profile lacks a fact that is needed, or says what cannot be: nothing can be judged by it.</summary>
public sealed class ProfileException : Exception
{
    public ProfileException(string message) : base(message) { }

    public ProfileException(string message, Exception inner) : base(message, inner) { }

    public ProfileException() : base("the kernel profile cannot be used") { }
}
