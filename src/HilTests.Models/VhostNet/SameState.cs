using System.Collections.Immutable;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>
/// States that hold the same, whatever way they came about. Passes that stopped at other places on their way often come to
/// the same end; kept apart, such states would multiply with each burst of traffic.
/// </summary>
internal sealed class SameState : IEqualityComparer<VhostNetState>
{
    private static readonly MemoryImage NoMemory = new(0);

    public static SameState Instance { get; } = new();

    public bool Equals(VhostNetState? one, VhostNetState? other)
    {
        if (ReferenceEquals(one, other)) return true;
        if (one is null || other is null) return false;
        return one.Rx.Fresh.SequenceEqual(other.Rx.Fresh) && one.Tx.Fresh.SequenceEqual(other.Tx.Fresh)
            && Bare(one) == Bare(other)
            && (one.Map is null) == (other.Map is null) && (one.Map is null || one.Map.Regions.SequenceEqual(other.Map!.Regions))
            && one.Backends.Count == other.Backends.Count
            && one.Backends.Zip(other.Backends).All(pair => pair.First.Key == pair.Second.Key && Same(pair.First.Value, pair.Second.Value))
            && one.Memory.SameAs(other.Memory);
    }

    public int GetHashCode(VhostNetState state) => HashCode.Combine(
        state.Rx.NextAvail, state.Tx.NextAvail, state.Rx.UsedIndex, state.Tx.UsedIndex, state.Rx.Fresh.Count, state.Tx.Fresh.Count, state.Rx.Calls, state.Tx.Calls);

    /// <summary>All of a state that compares by itself.</summary>
    private static VhostNetState Bare(VhostNetState state) => state with
    {
        Memory = NoMemory,
        Map = null,
        Backends = ImmutableSortedDictionary<string, BackendState>.Empty,
        Rx = state.Rx with { Fresh = [] },
        Tx = state.Tx with { Fresh = [] },
    };

    private static bool Same(BackendState one, BackendState other) =>
        Same(one.Queue, other.Queue) && Same(one.Wire, other.Wire) && one with { Queue = [], Wire = [] } == other with { Queue = [], Wire = [] };

    private static bool Same(ImmutableList<byte[]> one, ImmutableList<byte[]> other) =>
        ReferenceEquals(one, other) || (one.Count == other.Count && one.Zip(other).All(f => f.First.AsSpan().SequenceEqual(f.Second)));
}
