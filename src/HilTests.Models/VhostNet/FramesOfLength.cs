using System.Collections.Immutable;
using HilTests.Core.Predictions;
using HilTests.Core.Values;

namespace HilTests.Models.VhostNet;

/// <summary>A list of frames; of some of them only the length is known.</summary>
/// <param name="Frames">the frames</param>
/// <param name="Lengths">bytes of a frame whose content is open; -1 where it is known</param>
internal sealed record FramesOfLength(ImmutableArray<Value> Frames, ImmutableArray<int> Lengths) : Allowed
{
    /// <inheritdoc/>
    public override bool Admits(Value? value) =>
        value is ListValue list && list.Items.Length == Frames.Length && Enumerable.Range(0, Frames.Length).All(i => Fits(list.Items[i], i));

    /// <inheritdoc/>
    public bool Equals(FramesOfLength? other) => other is not null && Frames.SequenceEqual(other.Frames) && Lengths.SequenceEqual(other.Lengths);

    /// <inheritdoc/>
    public override int GetHashCode() => Frames.Length;

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(" ", Frames.Select((f, i) => Lengths[i] < 0 ? f.ToString() : $"(any {Lengths[i]} bytes)"))}]";

    private bool Fits(Value seen, int i) => Lengths[i] < 0 ? Frames[i].Equals(seen) : seen switch
    {
        BytesValue bytes => bytes.Content.Length == Lengths[i],
        RecordValue record => record["len"] is NumberValue length && length.Number == Lengths[i],
        _ => false,
    };
}
