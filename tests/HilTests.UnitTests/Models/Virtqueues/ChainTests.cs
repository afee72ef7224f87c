using HilTests.Core;
using HilTests.Core.Predictions;
using HilTests.Models.Virtqueues;

namespace HilTests.UnitTests.Models.Virtqueues;

public sealed class ChainTests
{
    private const int Num = 8;
    private const int Side = 0x800;
    private const ulong SideAddress = RingMemory.Base + Side;
    private const ulong Data = RingMemory.Base + 0x2000;

    private static readonly GuestMap Map = new([new(RingMemory.Base, RingMemory.Size, 0)]);

    /// <summary>Two regions that meet in the middle, the second elsewhere in memory.</summary>
    private static readonly GuestMap Split = new([new(RingMemory.Base, 0x3000, 0), new(RingMemory.Base + 0x3000, 0x1000, 0x8000)]);

    private static IEnumerable<TestCaseData> Broken()
    {
        yield return Case("head beyond the table", VirtqueueRules.HeadInRange, Num);
        yield return Case("next beyond the table", VirtqueueRules.NextInRange, 0, new Desc(Data, 1, RingMemory.Next, Num));
        yield return Case("a loop", VirtqueueRules.NoLoop, 0, new Desc(Data, 1, RingMemory.Next, 1), new Desc(Data, 1, RingMemory.Next, 0));
        yield return Case("an unmapped buffer", VirtqueueRules.Mapped, 0, new Desc(0x10, 1));
        yield return Case("a buffer that ends beyond the map", VirtqueueRules.Mapped, 0, new Desc(RingMemory.Base + RingMemory.Size - 1, 2));
        yield return Case("an unmapped indirect table", VirtqueueRules.Mapped, 0, new Desc(0x10, 16, RingMemory.Indirect));
        yield return Case("readable after writable", VirtqueueRules.ReadableFirst, 0, new Desc(Data, 1, RingMemory.Write | RingMemory.Next, 1), new Desc(Data, 1));
        yield return Case("an odd indirect table", VirtqueueRules.IndirectLength, 0, new Desc(SideAddress, 17, RingMemory.Indirect));
        yield return Case("an empty indirect table", VirtqueueRules.IndirectEnds, 0, new Desc(SideAddress, 0, RingMemory.Indirect));
        yield return SideCase("an indirect table that goes on beyond its end", VirtqueueRules.IndirectEnds, new Desc(Data, 1, RingMemory.Next));
        yield return SideCase("an indirect table in an indirect table", VirtqueueRules.IndirectNested, new Desc(SideAddress, 16, RingMemory.Indirect));
        yield return SideCase("an unmapped buffer of an indirect table", VirtqueueRules.Mapped, new Desc(0x10, 1));
    }

    [TestCaseSource(nameof(Broken))]
    public void A_broken_chain_breaks_its_rule(Rule rule, int head, Desc[] table, Desc[] side)
    {
        var memory = new RingMemory().Put(0, table).Put(Side, side);
        Assert.That(Chain.Walk(memory.Image, Map, 0, Num, head).Broken, Is.EqualTo(rule));
    }

    [Test]
    public void A_table_that_is_not_mapped_breaks_its_rule() =>
        Assert.That(Chain.Walk(new RingMemory().Image, Map, null, Num, 0).Broken, Is.EqualTo(VirtqueueRules.Mapped));

    [Test]
    public void An_indirect_table_of_too_many_entries_breaks_its_rule()
    {
        const int Entries = 65537;
        var memory = new MemoryImage(0x200000).Write(0, Bytes(new Desc(RingMemory.Base + 0x1000, 16 * Entries, RingMemory.Indirect)));
        var map = new GuestMap([new(RingMemory.Base, 0x200000, 0)]);
        Assert.That(Chain.Walk(memory, map, 0, Num, 0).Broken, Is.EqualTo(VirtqueueRules.IndirectLength));
    }

    [TestCase(1024, true)]
    [TestCase(1025, false)]
    public void A_chain_has_at_most_1024_segments(int segments, bool sound)
    {
        var side = Enumerable.Range(0, segments).Select(i => new Desc(Data, 1, i == segments - 1 ? 0 : RingMemory.Next)).ToArray();
        var memory = new RingMemory().Put(0, new Desc(SideAddress, (uint)(16 * segments), RingMemory.Indirect)).Put(Side, side);
        Assert.That(Chain.Walk(memory.Image, Map, 0, Num, 0).Broken, Is.EqualTo(sound ? null : VirtqueueRules.SegmentLimit));
    }

    [Test]
    public void A_sound_chain_gives_its_segments_in_order()
    {
        var memory = new RingMemory().Put(0,
            new Desc(RingMemory.Base + 0x2ff0, 0x20, RingMemory.Next, 2), default, new Desc(SideAddress, 32, RingMemory.Indirect | RingMemory.Next, 4),
            default, new Desc(Data, 5, RingMemory.Write));
        memory.Put(Side, new Desc(Data, 3, RingMemory.Next), new Desc(Data + 9, 4, RingMemory.Write));
        var chain = Chain.Walk(memory.Image, Split, 0, Num, 0);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chain.Broken, Is.Null);
            Assert.That(chain.Readable.Select(s => s with { Guest = 0 }), Is.EqualTo([new Segment(0x2ff0, 0x10), new Segment(0x8000, 0x10), new Segment(0x2000, 3)]));
            Assert.That(chain.Writable.Select(s => s with { Guest = 0 }), Is.EqualTo([new Segment(0x2009, 4), new Segment(0x2000, 5)]));
            Assert.That((chain.ReadableLength, chain.WritableLength), Is.EqualTo((0x23, 9)));
        }
    }

    [Test]
    public void Random_tables_are_read_as_a_naive_walker_reads_them()
    {
        const int Tables = 20_000;
        var sound = 0;
        for (ulong i = 0; i < Tables; i++)
        {
            var seed = new Seed(i);
            var (memory, map) = (RandomTable(seed), seed.OneIn(2) ? Map : Split);
            var head = seed.Below(Num + 1);
            var naive = new NaiveWalk(memory.Bytes.ToArray(), (address, _) => Find(map, address), 0, Num);
            var expected = naive.Walk(head);
            var chain = Chain.Walk(memory.Image, map, 0, Num, head);
            Assert.That(chain.Broken is null, Is.EqualTo(expected), $"table {i}, head {head}: {chain.Broken}");
            if (!expected) continue;
            sound++;
            Assert.That(Offsets(chain.Readable), Is.EqualTo(naive.Readable), $"table {i}, readable");
            Assert.That(Offsets(chain.Writable), Is.EqualTo(naive.Writable), $"table {i}, writable");
        }
        Assert.That(sound, Is.InRange(Tables / 10, Tables * 9 / 10), "both kinds are tried");
    }

    private static RingMemory RandomTable(Seed seed) =>
        new RingMemory().Put(0, [.. Enumerable.Range(0, Num).Select(_ => RandomDesc(seed))]).Put(Side, [.. Enumerable.Range(0, 6).Select(_ => RandomDesc(seed, inside: true))]);

    private static Desc RandomDesc(Seed seed, bool inside = false)
    {
        if (seed.OneIn(inside ? 30 : 5)) return new Desc(SideAddress, (uint)(seed.OneIn(8) ? 17 : 16 * seed.Below(5)), RingMemory.Indirect | seed.Below(2), seed.Below(Num));
        var address = seed.Below(12) switch { 0 => RingMemory.Base + 0x2ff8, 1 => RingMemory.Base + 0x3ff8, _ => Data + (ulong)seed.Below(100) };
        return new Desc(address, (uint)seed.Below(24), (seed.OneIn(3) ? RingMemory.Next : 0) | (seed.OneIn(2) ? RingMemory.Write : 0), seed.Below(seed.OneIn(10) ? 20 : Num));
    }

    private static int? Find(GuestMap map, ulong address)
    {
        foreach (var region in map.Regions)
            if (address >= region.Guest && address < region.Guest + region.Size) return (int)(region.Offset + (long)(address - region.Guest));
        return null;
    }

    private static IEnumerable<int> Offsets(IEnumerable<Segment> segments) => segments.SelectMany(s => Enumerable.Range(s.Offset, s.Length));

    private static byte[] Bytes(Desc descriptor) => new RingMemory().Put(0, descriptor).Bytes[..16].ToArray();

    private static TestCaseData Case(string name, Rule rule, int head, params Desc[] table) =>
        new TestCaseData(rule, head, table, Array.Empty<Desc>()).SetArgDisplayNames(name);

    private static TestCaseData SideCase(string name, Rule rule, params Desc[] side) =>
        new TestCaseData(rule, 0, new[] { new Desc(SideAddress, (uint)(16 * side.Length), RingMemory.Indirect) }, side).SetArgDisplayNames(name);
}
