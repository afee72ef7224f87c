using System.Collections.Immutable;
using HilTests.Core;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Makes random programs that are valid: files that exist are read, deleted, trimmed around, and statistics run along.</summary>
public static class F2fsGenerator
{
    private const int Mebibytes = 96;
    private const int MostBytes = 6 << 20;

    /// <summary>Program number <paramref name="index"/>; the same seed and index give the same program.</summary>
    public static Program Generate(Seed seed, int index)
    {
        // Of five programs two are about statistics, two about space and one ends in a power cut.
        var steps = (index % 5) switch
        {
            0 or 3 => new Writer(seed).Steps().ToImmutableArray(),
            4 => [.. new SpaceMaker(seed, crash: true).Steps()],
            _ => [.. new SpaceMaker(seed, crash: false).Steps()],
        };
        return new Program { Name = $"f2fs-gen-{index}", Device = "f2fs", Needs = [.. F2fsNeeds.Of(steps)], Steps = steps };
    }

    private sealed class Writer(Seed seed)
    {
        private readonly Dictionary<string, long> _files = [];
        private readonly bool _loop = seed.OneIn(2);
        private readonly string _options = seed.Pick("nodiscard,background_gc=off", "nodiscard,background_gc=off", "nodiscard,background_gc=off,active_logs=2", "discard,background_gc=off");
        private readonly bool _traced = !seed.OneIn(6);
        private int _bytes;

        public IEnumerable<Step> Steps()
        {
            yield return new DiskStep(_loop ? DiskKind.Loop : DiskKind.NullBlk, Mebibytes, _loop && seed.OneIn(8), _loop ? 0 : seed.Pick(0, 0, 2000, 8000));
            yield return new MkfsStep();
            if (_traced) yield return new TraceStartStep();
            yield return new MountStep(_options);
            yield return new IostatPeriodStep(seed.Pick(100, 100, 150, 400));
            yield return new IostatStep(true);
            var length = seed.Between(8, 24);
            for (var i = 0; i < length; i++)
                foreach (var step in Next()) yield return step;
            yield return new SyncStep();
            if (_traced) yield return new TraceReadStep();
            yield return new DropCachesStep();
            foreach (var file in _files.Keys.Order()) yield return new ReadStep(file, false);
            yield return new UmountStep();
            if (_traced) yield return new TraceReadStep();
            yield return new MountStep("nodiscard");
            foreach (var file in _files.Keys.Order()) yield return new ReadStep(file, seed.OneIn(4) && _files[file] % FileContent.BlockSize == 0);
        }

        private IEnumerable<Step> Next() => seed.Below(20) switch
        {
            < 7 => Write(),
            7 or 8 => OnFile(f => new FsyncStep(f)),
            9 => OnFile(f => new WritebackStep(f)),
            10 => [new SyncStep()],
            11 or 12 => Delete(),
            13 => Trim(),
            14 => OnFile(f => new ReadStep(f, false)),
            15 => [new PassStep(seed.Between(20, 160))],
            16 => Truncate(),
            17 => Statistics(),
            18 => [new DropCachesStep(), .. OnFile(f => new ReadStep(f, false))],
            _ => Remount(),
        };

        private IEnumerable<Step> Write()
        {
            var file = $"f{seed.Below(6)}";
            var direct = seed.OneIn(6);
            var length = Math.Max(1, direct ? 4096 * seed.Between(1, 32) : seed.Pick(seed.Between(1, 3000), 4096 * seed.Between(1, 64), seed.Between(1, 300_000)));
            if (_bytes + length > MostBytes) yield break;
            _bytes += length;
            long offset = seed.OneIn(3) ? 4096 * seed.Below(40) : 0;
            if (!direct && seed.OneIn(4)) offset += seed.Below(4096);
            _files[file] = Math.Max(_files.GetValueOrDefault(file), offset + length);
            yield return direct ? new WriteDirectStep(file, offset, length, seed.Next()) : new WriteStep(file, offset, length, seed.Next());
        }

        private IEnumerable<Step> Delete()
        {
            if (_files.Count == 0) return [new DeleteStep("none")];
            var file = Some();
            _files.Remove(file);
            return seed.OneIn(2) ? [new DeleteStep(file), new SyncStep()] : [new DeleteStep(file)];
        }

        private IEnumerable<Step> Truncate()
        {
            if (_files.Count == 0) return [];
            var file = Some();
            var length = seed.Below((int)Math.Min(_files[file] + 5000, int.MaxValue));
            _files[file] = length;
            return [new TruncateStep(file, length)];
        }

        private IEnumerable<Step> Trim() => seed.Below(4) switch
        {
            0 => [new SyncStep(), new FitrimStep(0, ulong.MaxValue, 0, true), new FitrimStep(0, ulong.MaxValue, 0, true)],
            1 => [new FitrimStep(0, ulong.MaxValue, 4096UL * (ulong)seed.Between(2, 600), true)],
            2 => [new FitrimStep((ulong)seed.Below(Mebibytes) << 20, (ulong)seed.Between(4096, 16 << 20), 0, true)],
            _ => [new FitrimStep(0, ulong.MaxValue, 0, true)],
        };

        private IEnumerable<Step> Statistics() => seed.Below(4) switch
        {
            0 => [new IostatStep(false), new IostatStep(true)],
            1 => [new IostatPeriodStep(seed.Pick(100, 120, 99, 300))],
            2 => [new ReadIostatInfoStep()],
            _ => [new IostatStep(seed.OneIn(2))],
        };

        private IEnumerable<Step> Remount()
        {
            if (seed.OneIn(2)) return [new RemountStep(_options)];
            return [new UmountStep(), new MountStep(_options), new IostatPeriodStep(100), new IostatStep(true)];
        }

        private IEnumerable<Step> OnFile(Func<string, Step> make) => _files.Count == 0 ? [] : [make(Some())];

        private string Some() => seed.Pick(_files.Keys.Order().ToArray());
    }
}
