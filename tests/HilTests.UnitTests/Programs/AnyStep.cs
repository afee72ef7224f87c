using System.Collections.Immutable;
using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Programs;
using HilTests.UnitTests.Values;

namespace HilTests.UnitTests.Programs;

/// <summary>Makes steps of any type from their constructor's parameters.</summary>
public static class AnyStep
{
    /// <summary>What a parameter of this name can be, where its type alone says too little; by step and by any step.</summary>
    private static readonly Dictionary<string, (long Lowest, long Highest)> Ranges = new()
    {
        ["Num"] = (1, 32768),
        ["Start"] = (0, 65535),
        ["Index"] = (0, 65535),
        ["Next"] = (0, 65535),
        ["Flags"] = (0, 65535),
        ["Heads"] = (0, 65535),
        ["Header"] = (0, 12),
        ["SendBuffer"] = (0, 1 << 30),
        ["After"] = (0, 5000),
        ["Count"] = (0, int.MaxValue),
        ["Length"] = (14, 65535),
        ["WriteDescs.Count"] = (1, 65537),
        ["WriteFrames.Count"] = (1, 65537),
        ["ReadFrames.Count"] = (1, 65537),
        ["OfferRange.Count"] = (1, 65535),
        ["SendRange.Count"] = (1, 32768),
        ["Drive.Count"] = (1, 32768),
        ["First"] = (0, 32767),
        ["Stride"] = (1, 32767),
        ["Window"] = (1, 32768),
        ["Cycle"] = (1, 32768),
        ["Spin"] = (0, 1 << 20),
        ["Grow"] = (0, 65535),
        ["ReadHeader.Length"] = (10, 12),
        ["SetVringAddr.Flags"] = (0, uint.MaxValue),
        ["SetVringNum.Num"] = (0, uint.MaxValue),
        ["Mebibytes"] = (52, 1024),
        ["LatencyMicroseconds"] = (0, 1_000_000),
        ["Milliseconds"] = (1, 5000),
        ["Rounds"] = (1, 20),
        ["Places"] = (0, 63),
        ["Most"] = (0, 65535),
        ["At"] = (0, long.MaxValue),
        ["Desc"] = (0, long.MaxValue),
        ["Avail"] = (0, long.MaxValue),
        ["Used"] = (0, long.MaxValue),
        ["Table"] = (0, long.MaxValue),
        ["Bytes"] = (0, 72),
        ["Offset"] = (0, 1 << 30),
        ["RunTraffic.Header"] = (10, 12),
        ["Frames"] = (1, 10_000_000),
        ["Smallest"] = (15, 65535),
        ["Largest"] = (15, 65535),
        ["RunTraffic.Window"] = (1, 512),
        ["Buffers"] = (1, 32768),
        ["BufferBytes"] = (1, 1 << 20),
        ["RunTraffic.At"] = (0, 1 << 20),
    };

    /// <summary>Steps of one type.</summary>
    /// <exception cref="NotSupportedException">when a parameter's type has no generator</exception>
    public static Gen<Step> Of(Type type) => Record(type, type).Select(made => (Step)made);

    private static Gen<object> Record(Type type, Type step)
    {
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var parameters = constructor.GetParameters();
        var parts = parameters.Select(p => Parameter(p, step)).ToArray();
        return parts.Length == 0
            ? Gen.Fresh(() => constructor.Invoke([]))
            : Gen.CollectToArray(parts).Select(constructor.Invoke);
    }

    private static Gen<object?> Parameter(ParameterInfo parameter, Type step)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var value = Any(type, parameter.Name!, step).Select(v => (object?)v);
        var mayBeNull = type != parameter.ParameterType || new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.Nullable;
        return !mayBeNull ? value : Gen.Frequency((2, value), (1, Gen.Constant<object?>(null)));
    }

    private static Gen<object> Any(Type type, string name, Type step)
    {
        if (type.IsEnum) return EnumMember(type);
        if (type == typeof(string) && name == "Errno") return Gen.Elements<object>("EIO", "EAGAIN", "EINVAL");
        if (type == typeof(string)) return AnyValue.Words.Select(w => (object)w);
        if (type == typeof(bool)) return Gen.Elements<object>(true, false);
        if (type == typeof(byte)) return Gen.Choose(0, 255).Select(n => (object)(byte)n);
        if (type == typeof(ulong)) return AnyValue.Numbers.Select(n => (object)unchecked((ulong)n));
        if (type == typeof(uint)) return InRange(name, step, 0, uint.MaxValue).Select(n => (object)(uint)n);
        if (type == typeof(int)) return InRange(name, step, int.MinValue, int.MaxValue).Select(n => (object)(int)n);
        if (type == typeof(long)) return InRange(name, step, long.MinValue, long.MaxValue).Select(n => (object)n);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)) return Items(type.GetGenericArguments()[0], name, step);
        if (type.IsValueType || type.GetMethod("<Clone>$") is not null) return Record(type, step);
        throw new NotSupportedException($"{step.Name}: no generator for {name} of type {type.Name}; add one to {nameof(AnyStep)}");
    }

    private static Gen<object> EnumMember(Type type)
    {
        var members = Enum.GetValues(type).Cast<object>().ToArray();
        if (!type.IsDefined(typeof(FlagsAttribute), false)) return Gen.Elements(members);
        return Gen.SubListOf(members).Select(some => Enum.ToObject(type, some.Aggregate(0L, (all, one) => all | Convert.ToInt64(one))));
    }

    private static Gen<object> Items(Type item, string name, Type step) => Any(item, name, step).ArrayOf().Select(items =>
    {
        var typed = Array.CreateInstance(item, items.Length);
        items.CopyTo(typed, 0);
        var create = typeof(ImmutableArray).GetMethods().Single(m => m.Name == nameof(ImmutableArray.Create)
            && m.GetParameters() is [{ ParameterType: { IsArray: true } }] && m.GetGenericArguments().Length == 1);
        return create.MakeGenericMethod(item).Invoke(null, [typed])!;
    });

    private static Gen<long> InRange(string name, Type step, long lowest, long highest)
    {
        if (Ranges.TryGetValue($"{step.Name}.{name}", out var range) || Ranges.TryGetValue(name, out range)) (lowest, highest) = range;
        return AnyValue.Numbers.Select(n => n >= lowest && n <= highest ? n : lowest + (long)((UInt128)(ulong)n % ((UInt128)(Int128)((Int128)highest - lowest) + 1)));
    }
}
