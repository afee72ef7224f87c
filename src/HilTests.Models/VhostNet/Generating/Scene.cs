using System.Collections.Immutable;
using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>A program that is being made: its steps so far, its rings and memory, and what they have led to.</summary>
internal sealed class Scene(Seed seed)
{
    private const long IndirectFrom = 0x12000;
    private const long IndirectTo = 0x1f000;
    private const long RxFrom = 0x20000;
    private const long TxFrom = 0x80000;
    private const long End = 0x100000;

    /// <summary>
    /// Bytes between two RX buffers at least: a guard byte for each. The first byte of a buffer is the device's as soon as it is
    /// offered: a frame that does not fit into it may leave a byte there.
    /// </summary>
    public const int RxGap = 2;

    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private long _indirect = IndirectFrom;
    private long _rx = RxFrom;
    private long _tx = TxFrom;
    private ulong _contents;

    public Seed Seed => seed;

    public Foresight Ahead { get; } = new();

    public ImmutableArray<Step> Steps => _steps.ToImmutable();

    public int Length => _steps.Count;

    /// <summary>Steps that may still be added.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Guest physical address of the arena's first byte.</summary>
    public ulong GuestBase { get; init; }

    /// <summary>Whether the program keeps a log of dirty pages.</summary>
    public bool Logs { get; set; }

    /// <summary>Whether frames are held on their way now and then.</summary>
    public bool Holds { get; set; }

    /// <summary>Bytes that may wait on their way out, where frames are held; 0 is no limit.</summary>
    public int SendBuffer { get; set; }

    /// <summary>Whether the module sends without copying.</summary>
    public bool ZeroCopy { get; set; }

    public ulong Features { get; set; }

    /// <summary>Bytes of virtio-net header before each frame.</summary>
    public int Header => (Features & (Feature.MergeableRxBuffers | Feature.Version1)) != 0 ? 12 : 10;

    public BackendKind Kind { get; set; }

    /// <summary>The back ends that were made; what they are called.</summary>
    public List<string> Backends { get; } = [];

    public GeneratedRing? Rx { get; set; }

    public GeneratedRing? Tx { get; set; }

    public IEnumerable<GeneratedRing> Rings => new[] { Rx, Tx }.OfType<GeneratedRing>();

    /// <summary>Adds steps, all or none; none where what follows could not be judged.</summary>
    public bool Try(params IEnumerable<Step> steps)
    {
        var all = steps.ToList();
        if (all.Count > Room || !Ahead.TryGo(all)) return false;
        _steps.AddRange(all);
        Room -= all.Count;
        return true;
    }

    public bool Has(ulong feature) => (Features & feature) != 0;

    /// <summary>One of several things to do, by weight.</summary>
    public Action Choose(params ReadOnlySpan<(int Weight, Action Act)> choices)
    {
        var total = 0;
        foreach (var (weight, _) in choices) total += weight;
        var drawn = seed.Below(total);
        foreach (var (weight, act) in choices)
        {
            if (drawn < weight) return act;
            drawn -= weight;
        }
        throw new InvalidOperationException("weights do not add up");
    }

    public ulong Guest(long at) => GuestBase + (ulong)at;

    public ulong NextContent() => ++_contents;

    /// <summary>So many numbers for contents; gives the first.</summary>
    public ulong NextContents(int count)
    {
        var first = _contents + 1;
        _contents += (ulong)count;
        return first;
    }

    /// <summary>A stretch of memory for an indirect table.</summary>
    public long TakeIndirect(int entries) => Take(ref _indirect, IndirectFrom, IndirectTo, (16 * entries) + (seed.OneIn(4) ? seed.Below(16) : 0), 0);

    /// <summary>A stretch of memory for a buffer, with room around it.</summary>
    public long TakeBuffer(Ring ring, int length) => ring == Ring.Rx
        ? Take(ref _rx, RxFrom, TxFrom, length, seed.Between(RxGap, 24))
        : Take(ref _tx, TxFrom, End, length, seed.Between(0, 24));

    /// <summary>Where a memory table may be cut so that buffers are likely to lie across the cut.</summary>
    public long CutPoint()
    {
        var near = seed.OneIn(2) ? _tx : _rx;
        return Math.Clamp(near + seed.Between(-200, 4000), RxFrom + 1, End - 1);
    }

    private static long Take(ref long next, long from, long to, int length, int gap)
    {
        var at = next + gap;
        if (at + length > to) at = from;
        next = at + length;
        return at;
    }
}
