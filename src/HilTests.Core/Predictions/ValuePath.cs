using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Core.Predictions;

/// <summary>Finds a value inside an observation by a path such as <c>used[2].id</c>.</summary>
public static class ValuePath
{
    /// <summary>The value at the path, or null where any part of the path is not there.</summary>
    public static Value? Resolve(Observation observation, string path)
    {
        var end = path.AsSpan().IndexOfAny('.', '[');
        if (end < 0) return observation[path];
        var value = observation[path[..end]];
        var rest = path.AsSpan(end);
        while (value is not null && rest.Length > 0)
            value = rest[0] == '[' ? Item(value, ref rest) : Field(value, ref rest);
        return value;
    }

    /// <summary>Whether one path names a part of the other, or the same value.</summary>
    public static bool Overlap(string a, string b)
    {
        var (shorter, longer) = a.Length <= b.Length ? (a, b) : (b, a);
        return longer.StartsWith(shorter, StringComparison.Ordinal)
            && (longer.Length == shorter.Length || longer[shorter.Length] is '.' or '[');
    }

    private static Value? Item(Value value, ref ReadOnlySpan<char> rest)
    {
        var close = rest.IndexOf(']');
        var index = int.Parse(rest[1..close]);
        rest = rest[(close + 1)..];
        return value is ListValue list && index < list.Items.Length ? list.Items[index] : null;
    }

    private static Value? Field(Value value, ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..];
        var end = rest.IndexOfAny('.', '[');
        var name = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..];
        return (value as RecordValue)?[name.ToString()];
    }
}
