using System.Globalization;

namespace HilTests.Benchmarks;

/// <summary>Measured times in words.</summary>
internal static class Medians
{
    public static double Median(this IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Median and range of times in milliseconds.</summary>
    public static string Line(string what, IReadOnlyCollection<double> milliseconds) => string.Create(CultureInfo.InvariantCulture,
        $"{what,-44} median {milliseconds.Median(),7:0.0} ms ({milliseconds.Min():0.0} to {milliseconds.Max():0.0}, n={milliseconds.Count})");
}
