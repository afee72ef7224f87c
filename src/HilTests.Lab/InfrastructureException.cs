namespace HilTests.Lab;

/// <summary>
/// Our own machinery failed: no QEMU, no kernel package, a full disk. Never a verdict about the kernel.
/// The message says what failed, where, and what to do.
/// </summary>
public sealed class InfrastructureException : Exception
{
    public InfrastructureException(string message) : base(message) { }

    public InfrastructureException(string message, Exception? inner) : base(message, inner) { }

    public InfrastructureException() : base("the test machinery failed") { }
}
