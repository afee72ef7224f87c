using System.Numerics;

namespace HilTests.Core.Measuring;

/// <summary>
/// Counts durations in log-linear cells, as HDR histograms do: each power of two is cut into 128 cells of the same
/// width, so that a value is known to one part in 128 whatever its size. Recording takes no memory.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>A value that is read back is at most this share above the one that was recorded.</summary>
    public const double RelativeError = 1.0 / CellsPerOctave;

    private const int CellBits = 7;
    private const int CellsPerOctave = 1 << CellBits;
    private const int MostBits = 42;

    private readonly long[] _counts = new long[(MostBits - CellBits + 1) * CellsPerOctave];

    /// <summary>The largest value that is told from larger ones: 2^42 - 1, more than an hour in nanoseconds.</summary>
    public static long Largest => (1L << MostBits) - 1;

    /// <summary>How many values were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The largest value recorded; 0 before the first.</summary>
    public long Max { get; private set; }

    /// <summary>Counts one value.</summary>
    /// <param name="value">nanoseconds, or any other unit; below 0 counts as 0, above <see cref="Largest"/> as that</param>
    public void Record(long value)
    {
        value = Math.Clamp(value, 0, Largest);
        _counts[CellOf(value)]++;
        Count++;
        if (value > Max) Max = value;
    }

    /// <summary>The value that this share of the recorded ones does not exceed: exact below 256, else at most <see cref="RelativeError"/> above it.</summary>
    /// <param name="share">above 0, at most 1</param>
    /// <returns>0 where nothing was recorded</returns>
    public long Percentile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        var seen = 0L;
        for (var cell = 0; cell < _counts.Length; cell++)
        {
            seen += _counts[cell];
            if (seen >= wanted) return Math.Min(UpperOf(cell), Max);
        }
        return 0;
    }

    /// <summary>The distribution in wider cells: the largest value of each cell that is not empty, and how many lie in it; ascending.</summary>
    /// <param name="perOctave">cells for each power of two; a power of two, at most 128</param>
    public IEnumerable<(long Upper, long Count)> Cells(int perOctave)
    {
        if (!BitOperations.IsPow2(perOctave) || perOctave > CellsPerOctave)
            throw new ArgumentOutOfRangeException(nameof(perOctave), perOctave, $"must be a power of two, at most {CellsPerOctave}");
        var joined = CellsPerOctave / perOctave;
        for (var cell = 0; cell < _counts.Length; cell += joined)
        {
            var count = 0L;
            foreach (var one in _counts.AsSpan(cell, joined)) count += one;
            if (count > 0) yield return (UpperOf(cell + joined - 1), count);
        }
    }

    /// <summary>Values below 256 have a cell each; above, the highest bit chooses the octave and the seven below it the cell.</summary>
    private static int CellOf(long value)
    {
        var octave = Math.Max(0, BitOperations.Log2((ulong)value) - CellBits);
        return (octave * CellsPerOctave) + (int)(value >> octave);
    }

    private static long UpperOf(int cell)
    {
        var octave = Math.Max(0, (cell / CellsPerOctave) - 1);
        return ((long)(cell - (octave * CellsPerOctave) + 1) << octave) - 1;
    }
}
