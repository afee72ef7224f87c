using System.Collections.Immutable;
using HilTests.Models.Virtqueues;

namespace HilTests.UnitTests.Models.Virtqueues;

public sealed class GuestMapTests
{
    [FsCheck.NUnit.Property(MaxTest = 500)]
    public bool Every_byte_lands_where_its_region_says((byte Gap, byte Size, ushort Offset)[] raw, ushort start, byte length)
    {
        var map = Map(raw);
        var address = (ulong)(start % 600);
        var expected = new List<long>();
        for (var at = address; at < address + length; at++)
        {
            var region = map.Regions.FirstOrDefault(r => r.Guest <= at && at <= r.Guest + (r.Size - 1) && r.Size > 0);
            if (region is null) return map.Translate(address, length) is null;
            expected.Add(region.Offset + (long)(at - region.Guest));
        }
        var segments = map.Translate(address, length);
        return segments is not null && segments.All(s => s.Length > 0)
            && segments.SelectMany(s => Enumerable.Range(s.Offset, s.Length)).Select(o => (long)o).SequenceEqual(expected);
    }

    [Test]
    public void A_range_is_split_exactly_where_regions_meet()
    {
        var map = new GuestMap([new(0x1000, 0x100, 50), new(0x1100, 0x100, 900)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.Translate(0x10f0, 0x20), Is.EqualTo([new Segment(50 + 0xf0, 0x10, 0x10f0), new Segment(900, 0x10, 0x1100)]));
            Assert.That(map.Translate(0x1000, 0x100), Is.EqualTo([new Segment(50, 0x100, 0x1000)]));
            Assert.That(map.Translate(0x11ff, 1), Is.EqualTo([new Segment(900 + 0xff, 1, 0x11ff)]));
            Assert.That(map.Translate(0x11ff, 2), Is.Null);
            Assert.That(map.Translate(0xfff, 1), Is.Null);
            Assert.That(map.Translate(5, 0), Is.Empty, "an empty range touches nothing");
            Assert.That(GuestMap.Empty.Translate(0, 1), Is.Null);
        }
    }

    [Test]
    public void The_end_of_the_address_space_does_not_wrap_into_a_region()
    {
        var map = new GuestMap([new(ulong.MaxValue - 0xff, 0x100, 0), new(0x10, 0x100, 0x200)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.Translate(ulong.MaxValue - 1, 2), Is.EqualTo([new Segment(0xfe, 2, ulong.MaxValue - 1)]));
            Assert.That(map.Translate(ulong.MaxValue - 1, 3), Is.Null);
        }
    }

    private static GuestMap Map((byte Gap, byte Size, ushort Offset)[] raw)
    {
        var regions = ImmutableArray.CreateBuilder<GuestRegion>();
        ulong next = 0;
        foreach (var (gap, size, offset) in raw)
        {
            next += (ulong)(gap % 3);
            regions.Add(new GuestRegion(next, size, offset));
            next += size;
        }
        return new GuestMap(regions.ToImmutable());
    }
}
