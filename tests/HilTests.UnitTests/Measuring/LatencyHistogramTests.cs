using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Measuring;

namespace HilTests.UnitTests.Measuring;

public sealed class LatencyHistogramTests
{
    private static Arbitrary<long[]> Values => Gen.Choose(0, 42).SelectMany(bits => Gen.Choose(0, int.MaxValue).Select(low => ((1L << bits) - 1) & ((long)low * 4099)))
        .NonEmptyListOf().Select(values => values.ToArray()).ToArbitrary();

    [FsCheck.NUnit.Property]
    public Property A_percentile_is_the_value_itself_or_at_most_one_in_128_above_it() => Prop.ForAll(Values, Gen.Choose(1, 1000).ToArbitrary(), (values, permille) =>
    {
        var share = permille / 1000.0;
        var exact = values.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(share * values.Length) - 1));
        var told = Of(values).Percentile(share);
        return told >= exact && told <= exact * (1 + LatencyHistogram.RelativeError) && (exact >= 256 || told == exact);
    });

    [FsCheck.NUnit.Property]
    public Property Cells_hold_every_value_once_in_ascending_order() => Prop.ForAll(Values, Gen.Elements(1, 2, 8, 128).ToArbitrary(), (values, perOctave) =>
    {
        var below = -1L;
        var cells = Of(values).Cells(perOctave).ToList();
        return cells.Sum(c => c.Count) == values.Length && cells.All(c =>
        {
            var right = c.Count == values.LongCount(v => v > below && v <= c.Upper) && c.Upper > below;
            below = c.Upper;
            return right;
        });
    });

    [FsCheck.NUnit.Property]
    public Property The_largest_and_the_count_are_exact() => Prop.ForAll(Values, values =>
    {
        var histogram = Of(values);
        return histogram.Max == values.Max() && histogram.Count == values.Length && histogram.Percentile(1) == values.Max();
    });

    [Test]
    public void Values_out_of_range_count_as_the_nearest_one()
    {
        var histogram = Of([-5, long.MaxValue]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(histogram.Percentile(0.5), Is.Zero);
            Assert.That(histogram.Max, Is.EqualTo(LatencyHistogram.Largest));
        }
    }

    [Test]
    public void Nothing_recorded_is_nothing() => Assert.That((Of([]).Percentile(0.5), Of([]).Cells(8).Count()), Is.EqualTo((0, 0)));

    [Test]
    public void Recording_takes_no_memory()
    {
        var histogram = Of([1]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var value = 0L; value < 10_000; value++) histogram.Record(value * value);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static LatencyHistogram Of(IEnumerable<long> values)
    {
        var histogram = new LatencyHistogram();
        foreach (var value in values) histogram.Record(value);
        return histogram;
    }
}
