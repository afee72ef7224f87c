using HilTests.Uapi.Linux;

namespace HilTests.Uapi;

/// <summary>
/// What a system call said: a value, or an errno. An errno is an observation here, so nothing is thrown unless
/// <see cref="OrThrow"/> is asked to.
/// </summary>
/// <param name="Value">What the call returned; -1 with an error.</param>
/// <param name="Error">The errno, or <see cref="Errno.None"/>.</param>
/// <param name="Call">The call's name in C, such as <c>VHOST_SET_OWNER</c>.</param>
/// <param name="Path">The file or name it was about, or null.</param>
public readonly record struct SyscallResult(long Value, Errno Error, string Call, string? Path = null)
{
    /// <summary>Whether the call worked.</summary>
    public bool Ok => Error == Errno.None;

    /// <summary>The value, where the call must work.</summary>
    /// <param name="what">What was being done, for the message.</param>
    /// <exception cref="SyscallException">The call failed.</exception>
    public long OrThrow(string what) => Ok ? Value : throw new SyscallException(Error, Call, Path, what);

    /// <inheritdoc/>
    public override string ToString() => Ok ? $"{Call} = {Value}" : $"{Call} = {Error}";
}

/// <summary>What a system call that hands back an object said: the object, or an errno.</summary>
/// <typeparam name="T">What it hands back.</typeparam>
public readonly struct SyscallResult<T>
{
    private readonly T? _value;

    internal SyscallResult(T? value, Errno error, string call, string? path)
    {
        _value = value;
        Error = error;
        Call = call;
        Path = path;
    }

    /// <summary>The errno, or <see cref="Errno.None"/>.</summary>
    public Errno Error { get; }

    /// <summary>The call's name in C.</summary>
    public string Call { get; }

    /// <summary>The file or name it was about, or null.</summary>
    public string? Path { get; }

    /// <summary>Whether the call worked.</summary>
    public bool Ok => Error == Errno.None;

    /// <summary>The object.</summary>
    /// <exception cref="SyscallException">The call failed: ask <see cref="Ok"/> first.</exception>
    public T Value => OrThrow("use its result");

    /// <summary>The object, where the call must work.</summary>
    /// <param name="what">What was being done, for the message.</param>
    /// <exception cref="SyscallException">The call failed.</exception>
    public T OrThrow(string what) => Ok ? _value! : throw new SyscallException(Error, Call, Path, what);

    /// <summary>The same failure, or what <paramref name="make"/> makes of the object.</summary>
    public SyscallResult<TOut> Then<TOut>(Func<T, TOut> make) =>
        new(Ok ? make(_value!) : default, Error, Call, Path);

    /// <inheritdoc/>
    public override string ToString() => Ok ? $"{Call} = {_value}" : $"{Call} = {Error}";
}
