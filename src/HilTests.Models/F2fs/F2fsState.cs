using System.Collections.Immutable;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Models.F2fs.Following;
using HilTests.Models.F2fs.Space;

namespace HilTests.Models.F2fs;

/// <summary>What the model knows after a step. Never changed in place.</summary>
public sealed record F2fsState
{
    /// <summary>The period before anybody sets one, in ms (DEFAULT_IOSTAT_PERIOD_MS).</summary>
    public const long StandardPeriod = 3000;

    /// <summary>A time before every program, in µs.</summary>
    internal const long LongBefore = -(1L << 50);

    public required KernelProfile Profile { get; init; }

    /// <summary>How many steps have run.</summary>
    public int Steps { get; init; }

    public DiskStep? Disk { get; init; }

    /// <summary>The disk's number, see <see cref="TraceLine.Device"/>.</summary>
    public long Device { get; init; }

    /// <summary>The disk's discard granularity in bytes.</summary>
    public long Granularity { get; init; }

    public bool Formatted { get; init; }

    public bool Mounted { get; init; }

    /// <summary>Whether a mount was ever tried with success.</summary>
    public bool EverMounted { get; init; }

    /// <summary>Whether blocks were written that no event names: direct I/O.</summary>
    public bool UnseenWrites { get; init; }

    /// <summary>The holes of the disk's file after formatting, where it has one.</summary>
    internal HoleMap? FormattedHoles { get; init; }

    /// <summary>Whether the mount leaves discards to the background.</summary>
    public bool BackgroundDiscard { get; init; }

    /// <summary>Whether any mount so far did.</summary>
    public bool EverBackgroundDiscard { get; init; }

    public ImmutableSortedDictionary<string, FileImage> Files { get; init; } = ImmutableSortedDictionary<string, FileImage>.Empty;

    /// <summary>What a power cut may leave of files that changed since they were synced; see <see cref="Durability"/>.</summary>
    internal ImmutableSortedDictionary<string, ImmutableList<FileImage?>> Possible { get; init; } = ImmutableSortedDictionary<string, ImmutableList<FileImage?>>.Empty;

    /// <summary>What a power cut may have left of files that nobody can know since.</summary>
    internal ImmutableSortedDictionary<string, ImmutableList<FileImage?>> Open { get; init; } = ImmutableSortedDictionary<string, ImmutableList<FileImage?>>.Empty;

    /// <summary>The files as the last checkpoint holds them, where the mount writes no more of them; null where it does.</summary>
    public ImmutableSortedDictionary<string, FileImage>? Paused { get; init; }

    /// <summary>Whether the mount options let the disk lose what was synced.</summary>
    public bool NoBarrier { get; init; }

    /// <summary>Whether files were mapped while statistics were on: their counters are not followed.</summary>
    public bool MappedIo { get; init; }

    /// <summary>Whether the mount discards by segment or section alone.</summary>
    public bool CoarseUnit { get; init; }

    /// <summary>Attributes that were written since the mount, by name.</summary>
    public ImmutableSortedDictionary<string, ulong> Written { get; init; } = ImmutableSortedDictionary<string, ulong>.Empty;

    /// <summary>Whether the background has discarded since its granularity was set: a pass before may have begun with the old one.</summary>
    public bool GranularityInForce { get; init; }

    /// <summary>Whether something was written since the last sync.</summary>
    public bool Dirty { get; init; }

    /// <summary>Bytes of deleted files that were on disk and may still be trimmed.</summary>
    public long Freed { get; init; }

    /// <summary>Of <see cref="Freed"/>, what a sync has made final.</summary>
    public long FreedForGood { get; init; }

    /// <summary>When the thread of discards began, in µs of the program at the earliest; long before where nobody knows what it was left with.</summary>
    public long DiscardThreadSince { get; init; }

    /// <summary>Trims since then that were told less than the disk discarded.</summary>
    public int TrimsShared { get; init; }

    /// <summary>Whether nothing changed since a trim of everything.</summary>
    public bool TrimmedAll { get; init; }

    public bool IostatEnabled { get; init; }

    /// <summary>Whether statistics have been off since the mount.</summary>
    public bool IostatFresh { get; init; } = true;

    public long Period { get; init; } = StandardPeriod;

    /// <summary>Application bytes since statistics were cleared, lowest.</summary>
    public ImmutableArray<long> AppLow { get; init; } = [0, 0, 0, 0];

    /// <summary>Application bytes since statistics were cleared, highest.</summary>
    public ImmutableArray<long> AppHigh { get; init; } = [0, 0, 0, 0];

    /// <summary>Bytes of pages made writable through mappings since statistics were cleared: at least, at most.</summary>
    public (long Low, long High) Mapped { get; init; }

    /// <summary>Steps whose effects the trace will show, by number.</summary>
    internal ImmutableDictionary<int, StepEffect> Effects { get; init; } = ImmutableDictionary<int, StepEffect>.Empty;

    internal IoFollower? Follower { get; init; }

    /// <summary>Where the disk keeps what; null before it is formatted.</summary>
    public SpaceLayout? Layout { get; init; }

    /// <summary>Blocks in use, as seen by steps whose effects the trace will show, by number.</summary>
    internal ImmutableDictionary<int, BlockSet> Maps { get; init; } = ImmutableDictionary<int, BlockSet>.Empty;

    internal SpaceFollower? Space { get; init; }

    /// <summary>The number of bytes of the disk.</summary>
    public long DiskBytes => (Disk?.Mebibytes ?? 0L) << 20;

    /// <summary>Bytes in all files.</summary>
    public long FileBytes => Files.Values.Sum(f => f.Length);

    /// <summary>Counts bytes of an application counter, where statistics are on.</summary>
    internal F2fsState WithAppBytes(ByteCounter counter, long low, long high) => !IostatEnabled ? this : this with
    {
        AppLow = AppLow.SetItem((int)counter, AppLow[(int)counter] + low),
        AppHigh = AppHigh.SetItem((int)counter, AppHigh[(int)counter] + high),
    };

    /// <summary>Counts bytes written through a mapping, where statistics are on.</summary>
    internal F2fsState WithMappedBytes(long low, long high) => IostatEnabled ? this with { Mapped = (Mapped.Low + low, Mapped.High + high) } : this;

    /// <summary>The same with the blocks in use that the current step saw.</summary>
    internal F2fsState WithMap(DeclaredInputs inputs) => Layout is { } layout && inputs.Field("valid") is { } valid
        ? this with { Maps = Maps.SetItem(Steps, BlockSet.Of(layout.Blocks, BlockRanges.Read(valid))) }
        : this;

    /// <summary>The same with the current step's effect noted.</summary>
    internal F2fsState WithEffect(StepEffect effect) => this with { Effects = Effects.SetItem(Steps, effect) };
}
