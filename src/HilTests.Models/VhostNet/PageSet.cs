using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.Models.VhostNet;

/// <summary>A set of bits of the log; equal sets are equal values, so that equal states can be merged.</summary>
/// <param name="Bits">numbers counted from the start of the log area; ascending, each once</param>
internal sealed record PageSet(ImmutableArray<int> Bits)
{
    private const int MostBits = VhostNetLogArea.Size * 8;

    public static PageSet Empty { get; } = new([]);

    public bool IsEmpty => Bits.IsEmpty;

    /// <summary>The bits for a guest range in a log that begins at a byte of the area; null where one lies outside the area.</summary>
    public static PageSet? Of(long start, ulong address, ulong length)
    {
        if (length == 0) return Empty;
        var (first, last) = (address / VhostNetLogArea.PageBytes, (address + length - 1) / VhostNetLogArea.PageBytes);
        if (last < first || last >= (ulong)(MostBits - (start * 8))) return null;
        return new PageSet([.. Enumerable.Range((int)first, (int)(last - first) + 1).Select(page => (int)(start * 8) + page)]);
    }

    /// <summary>The set of these bits, in whatever order.</summary>
    public static PageSet Of(IEnumerable<int> bits) => new([.. bits.Distinct().Order()]);

    public PageSet Union(PageSet other) => other.IsEmpty ? this : IsEmpty ? other : new PageSet([.. Bits.Union(other.Bits).Order()]);

    /// <summary>What of it is not in the other.</summary>
    public PageSet Without(PageSet other) => new([.. Bits.Where(bit => other.Bits.BinarySearch(bit) < 0)]);

    public IEnumerable<Value> Values => Bits.Select(bit => Value.Hex((ulong)bit));

    /// <inheritdoc/>
    public bool Equals(PageSet? other) => other is not null && Bits.AsSpan().SequenceEqual(other.Bits.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Bits.IsEmpty ? 0 : HashCode.Combine(Bits.Length, Bits[0], Bits[^1]);
}
