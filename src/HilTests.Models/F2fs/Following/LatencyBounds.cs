using HilTests.Core.Devices.F2fs;
using HilTests.Core.Kernel;

namespace HilTests.Models.F2fs.Following;

/// <summary>What one record may say of one class: ranges of count, peak (ms) and average (ms).</summary>
internal readonly record struct LatencyBounds(long CountLow, long CountHigh, long PeakLow, long PeakHigh, long AverageLow, long AverageHigh)
{
    /// <summary>Bounds from the bios that must and those that may be in the record.</summary>
    public static LatencyBounds Of(IEnumerable<CountedBio> bios, int record, IoClass ioClass, int hz)
    {
        var must = new List<CountedBio>();
        var may = new List<CountedBio>();
        foreach (var bio in bios)
        {
            if (bio.Class != ioClass) continue;
            if (bio.MustBeIn(record)) must.Add(bio);
            else if (bio.MayBeIn(record)) may.Add(bio);
        }
        if (must.Count == 0 && may.Count == 0) return default;
        var peakLow = must.Count == 0 ? 0 : must.Max(b => b.Low);
        var peakHigh = must.Concat(may).Max(b => b.High);
        return new LatencyBounds(
            must.Count, must.Count + may.Count, Milliseconds(peakLow, hz), Milliseconds(peakHigh, hz),
            Extreme(must.Sum(b => b.Low), must.Count, may.Select(b => b.Low).Order(), Math.Min, hz),
            Extreme(must.Sum(b => b.High), must.Count, may.Select(b => b.High).OrderDescending(), Math.Max, hz));
    }

    /// <summary>The extreme of the average over how many of the doubtful ones are counted.</summary>
    private static long Extreme(long sum, int count, IEnumerable<long> doubtful, Func<long, long, long> choose, int hz)
    {
        var best = Average(sum, count, hz);
        foreach (var ticks in doubtful)
        {
            sum += ticks;
            count++;
            best = choose(best, Average(sum, count, hz));
        }
        return best;
    }

    private static long Average(long sum, int count, int hz) => count == 0 ? 0 : Milliseconds(sum, hz) / count;

    private static long Milliseconds(long ticks, int hz) => new Jiffies(ticks).ToMilliseconds(hz);
}
