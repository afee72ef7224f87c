using System.Collections.Immutable;
using System.Numerics;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Shrinking;

/// <summary>
/// Simpler forms of a step, made by its text form alone: arguments left out, shorter lists, smaller numbers, fewer bits
/// of a mask. What the vocabulary refuses is no form of it.
/// </summary>
public sealed class StepEdits(DeviceVocabulary vocabulary)
{
    /// <summary>An argument of this name is a set of bits, not a number.</summary>
    private const string Mask = "mask";

    /// <summary>The step's arguments as they are printed.</summary>
    public ImmutableArray<(string Name, Value Value)> Arguments(Step step) => [.. vocabulary.SyntaxOf(step).Write(step)];

    /// <summary>The step with an argument left out; null where it is needed.</summary>
    public Step? Without(Step step, int argument) => Rebuild(step, Arguments(step).RemoveAt(argument));

    /// <summary>The step with another value of an argument; null where the vocabulary refuses it.</summary>
    public Step? With(Step step, int argument, Value value)
    {
        var arguments = Arguments(step);
        return Rebuild(step, arguments.SetItem(argument, (arguments[argument].Name, value)));
    }

    /// <summary>Shorter and simpler values to try first, the simplest first. Each is smaller by a measure that ends.</summary>
    public static IEnumerable<Value> Simpler(string name, Value value) => value switch
    {
        NumberValue number when name == Mask => FewerBits(number),
        NumberValue { PrintHex: true } => [],
        NumberValue number => Lower(number.Number).Select(Value.Of),
        ListValue list => Shorter(list.Items).Select(items => (Value)new ListValue(items)).Concat(SimplerItems(list)),
        BytesValue { Content.Length: > 0 } bytes => [new BytesValue(bytes.Content[..(bytes.Content.Length / 2)])],
        _ => [],
    };

    /// <summary>Zero, one and half of it, as far as they are smaller.</summary>
    public static IEnumerable<long> Lower(long number)
    {
        var tried = new HashSet<long> { number };
        foreach (var lower in (long[])[0, 1, number / 2])
            if (tried.Add(lower) && BigInteger.Abs(lower) < BigInteger.Abs(number)) yield return lower;
    }

    private static IEnumerable<Value> FewerBits(NumberValue mask)
    {
        if (mask.Number == 0) yield break;
        yield return mask with { Number = 0 };
        for (var bits = (ulong)mask.Number; bits != 0; bits &= bits - 1)
        {
            var lowest = bits & (~bits + 1);
            if ((ulong)mask.Number != lowest) yield return mask with { Number = (long)((ulong)mask.Number & ~lowest) };
        }
    }

    private static IEnumerable<ImmutableArray<Value>> Shorter(ImmutableArray<Value> items)
    {
        if (items.IsEmpty) yield break;
        yield return [];
        if (items.Length > 2)
        {
            yield return items[..(items.Length / 2)];
            yield return items[(items.Length / 2)..];
        }
        for (var i = 0; items.Length > 1 && i < items.Length; i++) yield return items.RemoveAt(i);
    }

    private static IEnumerable<Value> SimplerItems(ListValue list)
    {
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (list.Items[i] is not RecordValue record) continue;
            for (var field = 0; field < record.Fields.Length; field++)
            {
                var (name, value) = record.Fields[field];
                foreach (var simpler in Simpler(name, value))
                    yield return new ListValue(list.Items.SetItem(i, new RecordValue(record.Fields.SetItem(field, (name, simpler)))));
            }
        }
    }

    private Step? Rebuild(Step step, ImmutableArray<(string Name, Value Value)> fields)
    {
        var syntax = vocabulary.SyntaxOf(step);
        try
        {
            var arguments = new StepArguments(syntax.Name, [.. fields]);
            var made = syntax.Read(arguments);
            arguments.ExpectAllUsed();
            return made.Equals(step) ? null : made;
        }
        catch (Exception e) when (e is TextFormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }
}
