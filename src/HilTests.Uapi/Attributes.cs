namespace HilTests.Uapi;

/// <summary>
/// The C header that declares the type, or each constant of a class. The first name is the header itself, others are
/// what must be included with it for its macros to expand. HilTests.UapiTests compiles against it.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class HeaderAttribute(params string[] paths) : Attribute
{
    /// <summary>Header names as written between angle brackets, in order of inclusion.</summary>
    public IReadOnlyList<string> Paths { get; } = paths;
}

/// <summary>
/// Newer than the headers the tests are sure to find (Linux 6.1). It is compared with the C header where that has it,
/// and listed by name with its expected value in the tests where not.
/// </summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
public sealed class SinceAttribute(string kernel, string what) : Attribute
{
    /// <summary>First kernel release with it, such as <c>6.5</c>.</summary>
    public string Kernel { get; } = kernel;

    /// <summary>What came with it.</summary>
    public string What { get; } = what;
}

/// <summary>Has no counterpart in any C header, and why.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class NotInCAttribute(string reason) : Attribute
{
    /// <summary>Why there is nothing to compare with.</summary>
    public string Reason { get; } = reason;
}

/// <summary>The C spelling of a member, where C# cannot say it: a member of an unnamed or nested union.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class CNameAttribute(string name) : Attribute
{
    /// <summary>What <c>offsetof</c> is asked for, such as <c>rsc.segments</c>.</summary>
    public string Name { get; } = name;
}

/// <summary>The C type is a typedef: it is written without <c>struct</c> before it.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class CTypedefAttribute : Attribute;
