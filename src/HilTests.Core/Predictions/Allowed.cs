using System.Collections.Immutable;
using HilTests.Core.Values;

namespace HilTests.Core.Predictions;

/// <summary>A set of admissible values of one observed field. A missing field is the value null.</summary>
public abstract record Allowed
{
    /// <summary>Whether the value is in the set.</summary>
    public abstract bool Admits(Value? value);

    /// <summary>Whether the set has exactly one value: such a claim is as tight as can be.</summary>
    public virtual bool IsExact => false;

    /// <summary>The highest number in the set; null where there is none, or no bound.</summary>
    public virtual long? Highest => null;

    /// <summary>Exactly this value.</summary>
    public static Allowed Exactly(Value value) => new ExactlyAllowed(value);

    /// <summary>Exactly this number.</summary>
    public static Allowed Exactly(long number) => new ExactlyAllowed(Value.Of(number));

    /// <summary>Exactly this word.</summary>
    public static Allowed Exactly(string word) => new ExactlyAllowed(Value.Symbol(word));

    /// <summary>Any of these values.</summary>
    public static Allowed OneOf(params IEnumerable<Value> values) => new OneOfAllowed([.. values.Distinct()]);

    /// <summary>A number from <paramref name="lowest"/> to <paramref name="highest"/>, both included.</summary>
    public static Allowed Between(long lowest, long highest) =>
        lowest == highest ? Exactly(lowest) : new BetweenAllowed(lowest, highest);

    /// <summary>A number of at least <paramref name="lowest"/>.</summary>
    public static Allowed AtLeast(long lowest) => new BetweenAllowed(lowest, long.MaxValue);

    /// <summary>The field must not have been recorded.</summary>
    public static Allowed Absent { get; } = new AbsentAllowed();

    /// <summary>A number with these bits set and those clear.</summary>
    public static Allowed Bits(ulong set, ulong clear) => new BitsAllowed(set, clear);

    /// <summary>A list that holds at least these items, in whatever order.</summary>
    public static Allowed Holding(params IEnumerable<Value> items) => new HoldingAllowed([.. items]);

    /// <summary>A list that holds nothing but some of these items, each once at most, in whatever order.</summary>
    public static Allowed Among(params IEnumerable<Value> items) => new AmongAllowed([.. items]);

    private sealed record ExactlyAllowed(Value Value) : Allowed
    {
        public override bool Admits(Value? value) => Value.Equals(value);

        public override bool IsExact => true;

        public override long? Highest => (Value as NumberValue)?.Number;

        public override string ToString() => Value.ToString();
    }

    private sealed record OneOfAllowed(ImmutableArray<Value> Values) : Allowed
    {
        public override bool Admits(Value? value) => value is not null && Values.Contains(value);

        public override bool IsExact => Values.Length == 1;

        public override string ToString() => string.Join(" or ", Values);
    }

    private sealed record BetweenAllowed(long Lowest, long Most) : Allowed
    {
        /// <summary>A range as wide as this has no upper bound for people.</summary>
        private const long NoBound = int.MaxValue / 8;

        public override long? Highest => Most;

        public override bool Admits(Value? value) =>
            value is NumberValue { Number: var number } && number >= Lowest && number <= Most;

        public override string ToString() => Most - NoBound >= Lowest ? $"at least {Lowest}" : $"{Lowest} to {Most}";
    }

    private sealed record AbsentAllowed : Allowed
    {
        public override bool Admits(Value? value) => value is null;

        public override bool IsExact => true;

        public override string ToString() => "nothing";
    }

    private sealed record BitsAllowed(ulong Set, ulong Clear) : Allowed
    {
        public override bool Admits(Value? value) => value is NumberValue { Number: var number }
            && ((ulong)number & Set) == Set && ((ulong)number & Clear) == 0;

        public override bool IsExact => (Set | Clear) == ulong.MaxValue;

        public override string ToString() => $"bits 0x{Set:x} set" + (Clear == 0 ? "" : $", 0x{Clear:x} clear");
    }

    private sealed record HoldingAllowed(ImmutableArray<Value> Items) : Allowed
    {
        public override bool Admits(Value? value) => value is ListValue list && Items.All(list.Items.Contains);

        public override string ToString() => Items.IsEmpty ? "a list" : $"at least {string.Join(" and ", Items)}";
    }

    private sealed record AmongAllowed(ImmutableArray<Value> Items) : Allowed
    {
        public override bool Admits(Value? value) => value is ListValue list
            && list.Items.All(i => Items.Contains(i)) && list.Items.Distinct().Count() == list.Items.Length;

        public override bool IsExact => Items.IsEmpty;

        public override string ToString() => Items.IsEmpty ? "[]" : $"nothing but {string.Join(", ", Items)}";
    }
}
