using System.Collections.Immutable;
using System.Text.RegularExpressions;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>One small lie told in one observation of a good trace.</summary>
/// <param name="Step">the step whose observation lies, counted from 0</param>
/// <param name="Path">the field, e.g. <c>tx.used[2].len</c></param>
/// <param name="Kind">what was done to it</param>
/// <param name="Trace">the trace with the lie in it</param>
internal sealed partial record TraceCorruption(int Step, string Path, string Kind, Trace Trace)
{
    /// <summary>Field and kind without list positions: what a count is kept for.</summary>
    public string Label => $"{Positions().Replace(Path, "[]")} {Kind}";

    /// <summary>Every lie of every kind about every field.</summary>
    public static IEnumerable<TraceCorruption> Of(Trace trace)
    {
        for (var step = 0; step < trace.Entries.Length; step++)
        {
            if (trace.Entries[step].Observation is not { } observation) continue;
            foreach (var (path, kind, fields) in Fields("", observation.Fields))
                yield return new(step, path, kind, With(trace, step, observation with { Fields = fields }));
        }
    }

    private static Trace With(Trace trace, int step, Observation observation) =>
        trace with { Entries = trace.Entries.SetItem(step, trace.Entries[step] with { Observation = observation }) };

    private static IEnumerable<(string Path, string Kind, ImmutableArray<(string Name, Value Value)> Fields)> Fields(
        string prefix, ImmutableArray<(string Name, Value Value)> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            var path = prefix + fields[i].Name;
            yield return (path, "missing", fields.RemoveAt(i));
            foreach (var (inner, kind, value) in Values(path, fields[i].Value)) yield return (inner, kind, fields.SetItem(i, (fields[i].Name, value)));
        }
    }

    private static IEnumerable<(string Path, string Kind, Value Value)> Values(string path, Value value) => value switch
    {
        NumberValue number => Numbers(path, number.Number),
        SymbolValue word => [(path, "other errno", Value.Symbol(word.Word == "EIO" ? "EINVAL" : "EIO")), (path, "success", Value.Of(0))],
        BytesValue bytes => Bytes(path, bytes.Content),
        ListValue list => Items(path, list.Items),
        RecordValue record => Fields(path + ".", record.Fields).Select(f => (f.Path, f.Kind, (Value)new RecordValue(f.Fields))),
        _ => [],
    };

    private static IEnumerable<(string Path, string Kind, Value Value)> Numbers(string path, long number)
    {
        yield return (path, "+1", Value.Of(number + 1));
        yield return (path, "-1", Value.Of(number - 1));
        if (path == Observation.ErrnoField) yield return (path, "EINVAL", Value.Symbol("EINVAL"));
    }

    private static IEnumerable<(string Path, string Kind, Value Value)> Bytes(string path, ImmutableArray<byte> bytes)
    {
        if (bytes.IsEmpty) yield break;
        yield return (path, "first bit", new BytesValue(bytes.SetItem(0, (byte)(bytes[0] ^ 1))));
        yield return (path, "last bit", new BytesValue(bytes.SetItem(bytes.Length - 1, (byte)(bytes[^1] ^ 0x80))));
        yield return (path, "shorter", new BytesValue(bytes[..^1]));
    }

    private static IEnumerable<(string Path, string Kind, Value Value)> Items(string path, ImmutableArray<Value> items)
    {
        yield return (path, "one more", Value.List(items.Add(items.IsEmpty ? Value.Record(("id", Value.Of(0)), ("len", Value.Of(0))) : items[^1])));
        for (var i = 0; i < items.Length; i++)
        {
            yield return ($"{path}[{i}]", "dropped", Value.List(items.RemoveAt(i)));
            yield return ($"{path}[{i}]", "twice", Value.List(items.Insert(i, items[i])));
            if (i + 1 < items.Length && !items[i].Equals(items[i + 1]))
                yield return ($"{path}[{i}]", "swapped", Value.List(items.SetItem(i, items[i + 1]).SetItem(i + 1, items[i])));
            foreach (var (inner, kind, value) in Values($"{path}[{i}]", items[i])) yield return (inner, kind, Value.List(items.SetItem(i, value)));
        }
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Positions();
}
