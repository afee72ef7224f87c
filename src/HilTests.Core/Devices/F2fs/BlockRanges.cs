using HilTests.Core.Values;

namespace HilTests.Core.Devices.F2fs;

/// <summary>Ranges of blocks of 4096 bytes as a field's value: <c>[{start=… length=…} …]</c>, block numbers of the disk.</summary>
public static class BlockRanges
{
    /// <summary>The ranges as a value.</summary>
    public static Value ToValue(IEnumerable<(long Start, long Length)> ranges) =>
        Value.List(ranges.Select(r => Value.Record(("start", Value.Of(r.Start)), ("length", Value.Of(r.Length)))));

    /// <summary>The ranges in a value; what is not of that form is left out.</summary>
    public static IEnumerable<(long Start, long Length)> Read(Value? value)
    {
        if (value is not ListValue list) yield break;
        foreach (var item in list.Items)
            if (item is RecordValue range && range["start"] is NumberValue start && range["length"] is NumberValue length) yield return (start.Number, length.Number);
    }
}
