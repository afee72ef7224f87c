using System.Collections.Immutable;

namespace HilTests.Core.Values;

/// <summary>
/// One value of a step argument or of an observed field. The text form is that of <see cref="ValueText"/>:
/// a number (<c>12</c>, <c>0x1f</c>), a symbol (<c>tap</c>), a string (<c>"a b"</c>), bytes (<c>h'0a0b'</c>),
/// a list (<c>[1 2]</c>) or a record (<c>{id=1 len=0}</c>).
/// </summary>
public abstract record Value
{
    /// <summary>A number as decimal text.</summary>
    public static Value Of(long number) => new NumberValue(number);

    /// <summary>A number that people read in hexadecimal: addresses, feature masks. Equal to the same decimal number.</summary>
    public static Value Hex(ulong number) => new NumberValue(unchecked((long)number)) { PrintHex = true };

    /// <summary>A word: letters, digits, <c>-</c>, <c>_</c>, <c>.</c>, <c>/</c>, <c>:</c>; starts with a letter or <c>/</c>.</summary>
    public static Value Symbol(string word) => new SymbolValue(word);

    /// <summary>Any text.</summary>
    public static Value Text(string text) => new TextValue(text);

    /// <summary>Raw bytes.</summary>
    public static Value Bytes(ReadOnlySpan<byte> bytes) => new BytesValue([.. bytes]);

    /// <summary>A list of values.</summary>
    public static Value List(IEnumerable<Value> items) => new ListValue([.. items]);

    /// <summary>A record of named values, in the given order.</summary>
    public static Value Record(params ReadOnlySpan<(string Name, Value Value)> fields) => new RecordValue([.. fields]);

    /// <summary>The value's text form.</summary>
    public sealed override string ToString() => ValueText.Print(this);
}

/// <summary>A 64-bit number; unsigned kernel values above 2^63 keep their bit pattern.</summary>
public sealed record NumberValue(long Number) : Value
{
    /// <summary>Whether the text form is hexadecimal. Not part of equality.</summary>
    public bool PrintHex { get; init; }

    /// <inheritdoc/>
    public bool Equals(NumberValue? other) => other is not null && other.Number == Number;

    /// <inheritdoc/>
    public override int GetHashCode() => Number.GetHashCode();
}

/// <summary>A word, see <see cref="Value.Symbol"/>.</summary>
public sealed record SymbolValue(string Word) : Value;

/// <summary>Any text, printed in double quotes.</summary>
public sealed record TextValue(string Content) : Value;

/// <summary>Raw bytes, printed as <c>h'…'</c>.</summary>
public sealed record BytesValue(ImmutableArray<byte> Content) : Value
{
    /// <inheritdoc/>
    public bool Equals(BytesValue? other) => other is not null && Content.AsSpan().SequenceEqual(other.Content.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Content.AsSpan());
        return hash.ToHashCode();
    }
}

/// <summary>A list, printed in brackets, items separated by one space.</summary>
public sealed record ListValue(ImmutableArray<Value> Items) : Value
{
    /// <inheritdoc/>
    public bool Equals(ListValue? other) => other is not null && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override int GetHashCode() => Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, item));
}

/// <summary>Named values, printed in braces. Field order is part of equality.</summary>
public sealed record RecordValue(ImmutableArray<(string Name, Value Value)> Fields) : Value
{
    /// <summary>The field's value, or null.</summary>
    public Value? this[string name]
    {
        get
        {
            foreach (var (fieldName, value) in Fields)
                if (fieldName == name) return value;
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Equals(RecordValue? other) => other is not null && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override int GetHashCode() => Fields.Aggregate(19, (hash, field) => HashCode.Combine(hash, field));
}
