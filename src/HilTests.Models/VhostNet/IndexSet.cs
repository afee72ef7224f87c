using System.Collections.Immutable;

namespace HilTests.Models.VhostNet;

/// <summary>A small set of ring indices; equal sets are equal values, so that equal states can be merged.</summary>
/// <param name="Indices">ascending, each once</param>
internal sealed record IndexSet(ImmutableArray<ushort> Indices)
{
    public static IndexSet Empty { get; } = new([]);

    public IndexSet Add(ushort index)
    {
        var at = Indices.BinarySearch(index);
        return at >= 0 ? this : new IndexSet(Indices.Insert(~at, index));
    }

    /// <summary>Adds so many indices from one on, modulo 65536.</summary>
    public IndexSet AddRange(ushort first, int count)
    {
        if (count <= 1) return count == 1 ? Add(first) : this;
        var all = new SortedSet<ushort>(Indices);
        for (var i = 0; i < count; i++) all.Add((ushort)(first + i));
        return new IndexSet([.. all]);
    }

    /// <summary>Those from <paramref name="first"/> to <paramref name="last"/>, modulo 2^16, both included whether they were there or not.</summary>
    public IndexSet Between(ushort first, ushort last) =>
        new IndexSet([.. Indices.Where(i => (ushort)(i - first) <= (ushort)(last - first))]).Add(first).Add(last);

    /// <inheritdoc/>
    public bool Equals(IndexSet? other) => other is not null && Indices.AsSpan().SequenceEqual(other.Indices.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Indices.Length;
}
