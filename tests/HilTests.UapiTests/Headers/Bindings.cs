using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HilTests.Uapi;

namespace HilTests.UapiTests.Headers;

/// <summary>A member as C# lays it out: offset and size in bytes, kind as in <see cref="CMember"/>.</summary>
internal sealed record BoundMember(string Name, string CName, int Offset, int Size, char Kind);

/// <summary>A structure as C# lays it out.</summary>
internal sealed record BoundStruct(Type Type, string CType, int Size, IReadOnlyList<BoundMember> Members)
{
    /// <summary>Measures a structure as the runtime lays it out, not as attributes claim.</summary>
    public static BoundStruct Of(Type type)
    {
        var isTypedef = type.GetCustomAttribute<CTypedefAttribute>() is not null;
        var members = type.GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Select(field => Measure(type, field))
            .ToList();
        return new(type, isTypedef ? type.Name : $"struct {type.Name}", ManagedLayout.SizeOf(type), members);
    }

    private static BoundMember Measure(Type type, FieldInfo field)
    {
        var kind = Type.GetTypeCode(field.FieldType) switch
        {
            TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 => 's',
            TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64 => 'u',
            _ => 'o',
        };
        var name = field.GetCustomAttribute<CNameAttribute>()?.Name ?? field.Name;
        return new(field.Name, name, ManagedLayout.OffsetOf(type, field), ManagedLayout.SizeOf(field.FieldType), kind);
    }
}

/// <summary>A constant as C# has it.</summary>
internal sealed record BoundConstant(string Name, Int128 Value, SinceAttribute? Since);

/// <summary>Finds what HilTests.Uapi says about C headers.</summary>
internal static class Bindings
{
    /// <summary>Every public type in the namespaces that mirror headers.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        .. typeof(HeaderAttribute).Assembly.GetExportedTypes()
            .Where(t => t.Namespace is "HilTests.Uapi.Linux" or "HilTests.Uapi.Libc")
            .OrderBy(t => t.FullName, StringComparer.Ordinal),
    ];

    /// <summary>The structures.</summary>
    public static IEnumerable<Type> Structs => Types.Where(t => t is { IsValueType: true, IsEnum: false });

    /// <summary>The classes and enums that hold constants.</summary>
    public static IEnumerable<Type> ConstantHolders => Types.Where(t => t.IsEnum || ConstantFields(t).Length > 0);

    /// <summary>The constants of a class or enum that C must know.</summary>
    public static IReadOnlyList<BoundConstant> ConstantsOf(Type type) =>
    [
        .. ConstantFields(type)
            .Where(f => f.GetCustomAttribute<NotInCAttribute>() is null)
            .Select(f => new BoundConstant(f.Name, ValueOf(f), f.GetCustomAttribute<SinceAttribute>())),
    ];

    /// <summary>The headers a type says it is from.</summary>
    public static IReadOnlyList<string>? HeadersOf(Type type) => type.GetCustomAttribute<HeaderAttribute>()?.Paths;

    private static FieldInfo[] ConstantFields(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);

    private static Int128 ValueOf(FieldInfo field) => field.GetValue(null) switch
    {
        Enum e => Convert.ToInt64(e, null),
        int i => i,
        uint u => u,
        long l => l,
        ulong u => u,
        var other => throw new NotSupportedException(
            $"{field.DeclaringType}.{field.Name} is a {other?.GetType().Name}: only int, uint, long and ulong are compared"),
    };
}

/// <summary>Sizes and offsets as the running program has them.</summary>
internal static class ManagedLayout
{
    /// <summary>Bytes of a value of the type.</summary>
    public static int SizeOf(Type type) => (int)Call(nameof(SizeOfValue), type, [])!;

    /// <summary>Offset of a field: the first byte that changes when the field is filled with ones.</summary>
    public static int OffsetOf(Type type, FieldInfo field)
    {
        var value = Call(nameof(AllOnes), field.FieldType, [])!;
        var boxed = RuntimeHelpers.GetUninitializedObject(type);
        field.SetValue(boxed, value);
        var bytes = (byte[])Call(nameof(BytesOf), type, [boxed])!;
        return Array.FindIndex(bytes, b => b != 0);
    }

    private static object? Call(string method, Type type, object?[] arguments) =>
        typeof(ManagedLayout).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, arguments);

    private static int SizeOfValue<T>()
        where T : unmanaged => Unsafe.SizeOf<T>();

    private static T AllOnes<T>()
        where T : unmanaged
    {
        var value = default(T);
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill(0xFF);
        return value;
    }

    private static byte[] BytesOf<T>(object boxed)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref Unsafe.Unbox<T>(boxed))).ToArray();
}
