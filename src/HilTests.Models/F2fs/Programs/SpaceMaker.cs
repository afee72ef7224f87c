using HilTests.Core;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>
/// Makes programs about space: files come, change and go in every way there is, FITRIM with any range and shortest extent in
/// between; at the end all content is read back. Some end in a power cut instead, and are read after it.
/// </summary>
internal sealed class SpaceMaker(Seed seed, bool crash)
{
    /// <summary>Forty segments of files and nodes. With twenty of them, sections ran out, and kernel 6.1 then collects garbage for ever (f2fs_gc()).</summary>
    private const int Mebibytes = 96;
    private const int MostBytes = 5 << 20;
    private const long Block = FileContent.BlockSize;

    /// <summary>Where mkfs.f2fs puts files on a disk of this size, and how long a segment is; only used to choose ranges.</summary>
    private const long MainBlock = 4096;
    private const long SegmentBlocks = 512;

    private readonly Dictionary<string, long> _files = [];

    /// <summary>Names that a power cut may leave in several ways.</summary>
    private readonly HashSet<string> _unsynced = [];

    /// <summary>Names of which nobody knows what the power cut left.</summary>
    private readonly HashSet<string> _open = [];
    private readonly bool _background = seed.OneIn(3);
    private bool _idle;
    private int _bytes;

    public IEnumerable<Step> Steps()
    {
        yield return new DiskStep(crash ? DiskKind.NullBlkCached : seed.Pick(DiskKind.Loop, DiskKind.NullBlk), Mebibytes, false, 0);
        yield return new MkfsStep();
        var traced = !crash || seed.OneIn(2);
        if (traced) yield return new TraceStartStep();
        yield return Mount();
        _idle = _background && !seed.OneIn(4);
        if (_idle) yield return new SetAttributeStep("gc_urgent", "2");
        foreach (var step in Act(seed.Between(12, 30))) yield return step;
        if (crash)
        {
            if (traced) yield return new TraceReadStep();
            yield return new CrashStep();
            _open.UnionWith(_unsynced);
            _unsynced.Clear();
            yield return Mount();
            _idle = false;
            foreach (var step in ReadAll()) yield return step;
            foreach (var step in Act(seed.Between(3, 8))) yield return step;
        }
        yield return new SyncStep();
        if (seed.OneIn(2)) yield return new FitrimStep(0, ulong.MaxValue, 0, true);
        if (traced) yield return new TraceReadStep();
        yield return new DropCachesStep();
        foreach (var step in ReadAll()) yield return step;
        yield return new UmountStep();
        if (traced) yield return new TraceReadStep();
        yield return new MountStep("nodiscard,background_gc=off");
        foreach (var step in ReadAll()) yield return step;
    }

    private MountStep Mount() => new((_background ? "discard" : "nodiscard") + ",background_gc=off"
        + seed.Pick("", "", "", ",mode=lfs", ",alloc_mode=reuse", ",fsync_mode=strict", ",active_logs=2", ",noinline_data", ",checkpoint_merge", ",noextent_cache"));

    private IEnumerable<Step> Act(int count) => Enumerable.Range(0, count).SelectMany(_ => Next());

    private IEnumerable<Step> Next() => seed.Below(30) switch
    {
        < 8 => Write(),
        < 11 => Delete(),
        < 13 => Sync(),
        13 or 14 => OnFile(f => new FsyncStep(f)),
        15 => OnFile(f => new FdatasyncStep(f)),
        < 20 => Trim(),
        20 => [new CheckpointStep()],
        21 or 22 => Change(),
        23 => Truncate(),
        24 => Rename(),
        25 => [new DropCachesStep(), .. OnFile(f => new ReadStep(f, false))],
        26 => _idle ? [.. Write(), .. Sync(), new DrainStep(2000)] : OnFile(f => new WritebackStep(f)),
        27 => Atomic(),
        28 => seed.OneIn(3) ? [new CollectStep()] : Fragments(),
        _ => seed.OneIn(4) && !crash ? Beside() : Fragments(),
    };

    private IEnumerable<Step> Write()
    {
        var file = $"f{seed.Below(9)}";
        if (_open.Contains(file)) return [];
        var way = seed.Below(8);
        var length = way == 0 ? (int)Block * seed.Between(1, 40) : seed.Pick(seed.Between(1, 3500), (int)Block * seed.Between(1, 40), seed.Between(1, 200_000));
        if (_bytes + length > MostBytes) return [];
        _bytes += length;
        long offset = seed.OneIn(2) ? Block * seed.Below(50) : 0;
        if (way != 0 && seed.OneIn(4)) offset += seed.Below((int)Block);
        Changed(file, Math.Max(_files.GetValueOrDefault(file), offset + length));
        return way switch
        {
            0 => [new WriteDirectStep(file, offset, length, seed.Next())],
            1 => [new WriteMappedStep(file, offset, length, seed.Next(), seed.OneIn(2))],
            _ => [new WriteStep(file, offset, length, seed.Next())],
        };
    }

    /// <summary>Short files one behind the other, every second one deleted: holes of a few blocks.</summary>
    private IEnumerable<Step> Fragments()
    {
        var steps = new List<Step>();
        var count = seed.Between(4, 10);
        for (var i = 0; i < count; i++)
        {
            if (_open.Contains($"g{i}")) continue;
            var length = (int)Block * seed.Between(1, 9);
            Changed($"g{i}", Math.Max(_files.GetValueOrDefault($"g{i}"), length));
            steps.Add(new WriteStep($"g{i}", 0, length, seed.Next()));
        }
        return [.. steps, .. Sync(), .. Enumerable.Range(0, count / 2).SelectMany(i => DeleteOf($"g{2 * i}")), .. seed.OneIn(2) ? Sync() : []];
    }

    private IEnumerable<Step> Delete() => _files.Keys.All(_open.Contains) ? [new DeleteStep("none")] : DeleteOf(Some());

    private IEnumerable<Step> DeleteOf(string file)
    {
        if (_open.Contains(file) || !_files.Remove(file)) return [];
        _unsynced.Add(file);
        return [new DeleteStep(file)];
    }

    private IEnumerable<Step> Sync()
    {
        _unsynced.Clear();
        return [new SyncStep()];
    }

    private IEnumerable<Step> Truncate() => OnFile(f =>
    {
        var length = seed.Below((int)Math.Min(_files[f] + 9000, int.MaxValue));
        Changed(f, length);
        return new TruncateStep(f, length);
    });

    private IEnumerable<Step> Change() => OnFile(f =>
    {
        var change = seed.Pick(RangeChange.Punch, RangeChange.Punch, RangeChange.Zero, RangeChange.Collapse, RangeChange.Insert, RangeChange.Reserve, RangeChange.ReserveKeep);
        var whole = seed.OneIn(3) && change is RangeChange.Punch or RangeChange.Zero ? 1 : Block;
        var offset = whole * seed.Below((int)Math.Max(1, _files[f] / whole));
        var length = whole * seed.Between(1, whole == 1 ? 50_000 : 12);
        var aligned = whole == Block;
        var size = change switch
        {
            RangeChange.Collapse when aligned && offset + length < _files[f] => _files[f] - length,
            RangeChange.Insert when aligned && offset < _files[f] => _files[f] + length,
            RangeChange.Reserve or RangeChange.Zero => Math.Max(_files[f], offset + length),
            _ => _files[f],
        };
        Changed(f, size);
        return new FallocateStep(f, change, offset, length);
    });

    private IEnumerable<Step> Rename() => OnFile(f =>
    {
        var to = $"r{seed.Below(3)}";
        if (_open.Contains(to)) return new RenameStep(f, f);
        var length = _files[f];
        _files.Remove(f);
        _unsynced.Add(f);
        Changed(to, length);
        return new RenameStep(f, to);
    });

    private IEnumerable<Step> Atomic() => OnFile(f =>
    {
        var blocks = (int)Math.Min(16, _files[f] / Block);
        if (blocks == 0) return new FsyncStep(f);
        Changed(f, _files[f]);
        return new WriteAtomicStep(f, Block * seed.Below((int)(_files[f] / Block) - blocks + 1), (int)Block * blocks, seed.Next(), seed.OneIn(2));
    });

    private IEnumerable<Step> Beside()
    {
        var length = seed.Between(5000, 150_000);
        if (_bytes + length > MostBytes || _open.Contains("t")) return [];
        _bytes += length;
        Changed("t", Math.Max(_files.GetValueOrDefault("t"), length));
        return [new TrimBesideStep("t", length, seed.Next(), seed.Between(2, 5))];
    }

    private IEnumerable<Step> Trim()
    {
        var minimum = seed.Pick(0UL, 0UL, (ulong)Block * (ulong)seed.Between(1, 12), (ulong)seed.Between(1, 60_000), (ulong)Block * (ulong)seed.Between(100, 600));
        var trim = seed.Below(6) switch
        {
            0 => new FitrimStep(Near(), (ulong)Block * (ulong)seed.Between(1, 1200), minimum, true),
            1 => new FitrimStep(Near(), ulong.MaxValue - (ulong)seed.Below(5000), minimum, true),
            2 => new FitrimStep((ulong)seed.Below(Mebibytes << 20), (ulong)seed.Between(1, 16 << 20), minimum, true),
            _ => new FitrimStep(0, ulong.MaxValue, minimum, true),
        };
        return seed.Below(3) switch
        {
            0 => [.. Sync(), trim],
            1 => [trim, trim],
            _ => [trim],
        };
    }

    /// <summary>A segment's border, or a few bytes or a block beside it.</summary>
    private ulong Near() => (ulong)(((MainBlock + (SegmentBlocks * seed.Between(-1, 40))) * Block) + seed.Pick(0, 0, -Block, Block, -1, 1));

    private IEnumerable<Step> ReadAll() => _files.Keys.Concat(_open).Distinct().Order().Select(f => new ReadStep(f, false));

    private void Changed(string file, long length)
    {
        if (_open.Contains(file)) return;
        _unsynced.Add(file);
        _files[file] = length;
    }

    private IEnumerable<Step> OnFile(Func<string, Step> make) => _files.Keys.Any(f => !_open.Contains(f)) ? [make(Some())] : [];

    private string Some() => seed.Pick(_files.Keys.Where(f => !_open.Contains(f)).Order().ToArray());
}
