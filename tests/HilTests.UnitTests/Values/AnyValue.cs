using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Values;

/// <summary>Generators of values of every kind, nested, with texts that try to break a line-based format.</summary>
public static class AnyValue
{
    private const string WordStarts = "abchxyzABZ/_";
    private const string WordParts = "abchxyz019-_./:+*";

    private static readonly char[] Hostile =
        ['"', '\\', '\n', '\r', '\t', '\0', ' ', '\'', '|', '=', '{', '}', '[', ']', '#', '\u007f', '\u0085', '\u00a0', '\u2028', '\u2029', '\ufeff', '\ud800', '\udc00', '\uffff'];

    private static readonly long[] Edges = [0, 1, -1, 255, 65536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    public static Gen<string> Words { get; } =
        from first in Gen.Elements(WordStarts.ToCharArray())
        from rest in Gen.Elements(WordParts.ToCharArray()).ArrayOf()
        select first + new string(rest.Take(12).ToArray());

    public static Gen<string> Texts { get; } = Gen.Frequency(
        (3, Gen.Elements(Hostile)),
        (3, Gen.Choose(32, 126).Select(c => (char)c)),
        (1, Gen.Choose(0, 65535).Select(c => (char)c))).ArrayOf().Select(c => new string(c));

    public static Gen<long> Numbers { get; } = Gen.OneOf(Gen.Elements(Edges), Gen.Choose(-1000, 1000).Select(n => (long)n), Bits());

    public static Gen<ImmutableArray<byte>> Contents { get; } = Gen.Choose(0, 255).ArrayOf().Select(b => b.Select(n => (byte)n).ToImmutableArray());

    public static Gen<Value> Leaves { get; } = Gen.OneOf(
        Numbers.Select(Value.Of),
        Numbers.Select(n => Value.Hex(unchecked((ulong)n))),
        Words.Select(Value.Symbol),
        Texts.Select(Value.Text),
        Contents.Select(c => (Value)new BytesValue(c)));

    public static Gen<Value> Trees(int depth) => depth <= 0 ? Leaves : Gen.Frequency(
        (3, Leaves),
        (1, Trees(depth - 1).ArrayOf().Select(items => Value.List(items.Take(6)))),
        (1, Fields(Trees(depth - 1)).Select(fields => (Value)new RecordValue(fields))));

    /// <summary>Up to six named values; no name twice.</summary>
    public static Gen<ImmutableArray<(string Name, Value Value)>> Fields(Gen<Value> values) =>
        from names in Words.ArrayOf()
        from items in values.ArrayOf(6)
        select names.Distinct().Take(6).Select((name, i) => (name, items[i])).ToImmutableArray();

    public static Arbitrary<Value> Any() => Trees(4).ToArbitrary();

    private static Gen<long> Bits() =>
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((long)high << 32) ^ low;
}
