using System.Runtime.CompilerServices;

namespace HilTests.Uapi;

/// <summary>2 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(2)]
public struct Array2<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>3 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(3)]
public struct Array3<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>4 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(4)]
public struct Array4<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>6 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(6)]
public struct Array6<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>7 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(7)]
public struct Array7<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>8 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(8)]
public struct Array8<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>14 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(14)]
public struct Array14<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>16 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(16)]
public struct Array16<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>32 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(32)]
public struct Array32<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>64 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(64)]
public struct Array64<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>128 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(128)]
public struct Array128<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>129 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(129)]
public struct Array129<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>224 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(224)]
public struct Array224<T>
    where T : unmanaged
{
    private T _first;
}

/// <summary>256 elements in a row, as in a C struct. Converts to a span.</summary>
[InlineArray(256)]
public struct Array256<T>
    where T : unmanaged
{
    private T _first;
}
