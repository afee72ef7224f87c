using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about the memory table: regions that cut buffers and tables, and addresses at the edges.</summary>
internal static class VhostNetMemoryPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const int Header = 12;
    private const int Num = 64;

    public static IReadOnlyList<Program> All { get; } = [Cuts(Ring.Tx, "regions-tx"), Cuts(Ring.Rx, "regions-rx"), Tables(), Edges(), MostRegions(), OneByOne()];

    /// <summary>Guest addresses that meet at the seam, while their memory lies far apart and in the other order.</summary>
    private sealed record Seam(ulong Guest, long Before, long Behind)
    {
        public const ulong Size = 0x20000;

        public static Seam Standard { get; } = new(0x8_0000_0000, 0x300000, 0x280000);

        public ImmutableArray<MemoryRegion> Regions => [new(Guest, Size, Behind), new(0x1000, 0x1000, 0x3f0000), new(Guest - Size, Size, Before)];

        /// <summary>Where a guest address lies in the arena.</summary>
        public long Offset(ulong guest) => guest >= Guest ? Behind + (long)(guest - Guest) : Before + (long)(Size - (Guest - guest));
    }

    private static VhostNetScript Begin(string name, string about, ImmutableArray<MemoryRegion> regions, ulong more = 0)
    {
        var script = new VhostNetScript(name, about).Begin(Merged | Feature.Indirect | more).Add(new SetMemTable(regions));
        return script.SetUpRing(Ring.Rx, Num).SetUpRing(Ring.Tx, Num).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Kick(Ring.Tx), new Kick(Ring.Rx), new Settle());
    }

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    /// <summary>A buffer that begins so many bytes before the seam, and a frame that is cut there: its header, its addresses, its middle, its last byte.</summary>
    private static Program Cuts(Ring ring, string name)
    {
        var seam = Seam.Standard;
        var script = Begin(name, "a buffer is cut where two regions meet: in its header, behind it, in its middle, at its last byte, and just not", seam.Regions);
        const int Length = 200;
        foreach (var before in (int[])[0, 1, 2, 10, 11, 12, 13, 26, 100, Header + Length - 1, Header + Length])
        {
            var guest = seam.Guest - (ulong)before;
            script.Add(new Fill(seam.Before + (long)Seam.Size - 512, 512, 0xa5), new Fill(seam.Behind, 512, 0xa5));
            if (ring == Ring.Tx) Write(script, seam, guest, Length);
            var flags = ring == Ring.Tx ? DescriptorFlags.None : DescriptorFlags.Write;
            script.Add(new WriteDesc(VhostNetScript.Table(ring), 3, guest, Header + Length, flags), new Offer(ring, [3]));
            if (ring == Ring.Rx) script.Add(new Send("b0", Length, script.NextContent()));
            script.Add(new Kick(ring), new Settle(), new Read(seam.Before + (long)Seam.Size - 512, 512), new Read(seam.Behind, 512));
        }
        return script.End();
    }

    /// <summary>Writes a frame with its header at a guest address, byte by byte where the seam is.</summary>
    private static void Write(VhostNetScript script, Seam seam, ulong guest, int length)
    {
        byte[] bytes = [.. new byte[Header], .. FrameContent.Make(length, script.NextContent())];
        var first = (int)Math.Min((ulong)bytes.Length, guest < seam.Guest ? seam.Guest - guest : (ulong)bytes.Length);
        if (first > 0) script.Add(new WriteBytes(seam.Offset(guest), [.. bytes[..first]]));
        if (first < bytes.Length) script.Add(new WriteBytes(seam.Behind, [.. bytes[first..]]));
    }

    /// <summary>Indirect tables that are cut, also in the middle of an entry; for both rings.</summary>
    private static Program Tables()
    {
        var seam = Seam.Standard;
        var script = Begin("regions-indirect", "an indirect table is cut where two regions meet, between and within its entries", seam.Regions);
        var far = seam.Guest + 0x10000;
        foreach (var before in (int[])[0, 1, 8, 15, 16, 17, 24, 32, 47, 48])
        {
            foreach (var ring in (Ring[])[Ring.Tx, Ring.Rx])
            {
                var flags = ring == Ring.Tx ? DescriptorFlags.None : DescriptorFlags.Write;
                Write(script, seam, far, 300);
                Table(script, seam, seam.Guest - (ulong)before, [(far, 100, flags | DescriptorFlags.Next), (far + 100, 7, flags | DescriptorFlags.Next), (far + 107, 205, flags)]);
                script.Add(new WriteDesc(VhostNetScript.Table(ring), 5, seam.Guest - (ulong)before, 48, DescriptorFlags.Indirect), new Offer(ring, [5]));
                if (ring == Ring.Rx) script.Add(new Send("b0", 300, script.NextContent()));
                script.Add(new Kick(ring), new Settle(), new Read(seam.Offset(far), 320));
            }
        }
        // A table that ends where memory does, and one that goes on a byte further.
        foreach (var beyond in (uint[])[0, 1])
        {
            var at = seam.Guest + Seam.Size - 16 + beyond;
            script.Add(new WriteDesc(seam.Offset(seam.Guest) + (long)Seam.Size - 16, 0, far, 90, DescriptorFlags.None));
            script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), 5, at, 16, DescriptorFlags.Indirect), new Offer(Ring.Tx, [5]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        }
        return script.End();
    }

    private static void Table(VhostNetScript script, Seam seam, ulong guest, (ulong Address, uint Length, DescriptorFlags Flags)[] entries)
    {
        var bytes = new byte[16 * entries.Length];
        for (var i = 0; i < entries.Length; i++) DriverSteps.Encode(bytes.AsSpan(16 * i), entries[i].Address, entries[i].Length, entries[i].Flags, 0x7777);
        var first = (int)Math.Min((ulong)bytes.Length, seam.Guest - guest);
        if (first > 0) script.Add(new WriteBytes(seam.Offset(guest), [.. bytes[..first]]));
        if (first < bytes.Length) script.Add(new WriteBytes(seam.Behind, [.. bytes[first..]]));
    }

    /// <summary>The first and the last byte of a region, the last of all addresses, gaps of one byte, and empty descriptors anywhere.</summary>
    private static Program Edges()
    {
        const ulong Top = ulong.MaxValue - 0xfff;
        const ulong Low = 0x100000;
        ImmutableArray<MemoryRegion> regions = [new(Low, 0x1001, 0x300000), new(Low + 0x1002, 0xffe, 0x308000), new(Top, 0x1000, 0x310000), new(0, 0x100, 0x318000)];
        var script = Begin("regions-edges", "buffers at the first and last byte of regions are whole; one byte further is an error", regions);
        var table = VhostNetScript.Table(Ring.Tx);
        foreach (var (address, length) in ((ulong, uint)[])[
            (Low, 90), (Low, 0x1001), (Low + 0x1001 - 90, 90), (Low + 0x1001 - 90, 91), (Low - 1, 90), (Low + 0x1001, 1), (Low + 0x1002, 90), (Low + 0x2000 - 90, 90), (Low + 0x2000 - 90, 91),
            (Top, 90), (ulong.MaxValue - 89, 90), (ulong.MaxValue - 89, 91), (ulong.MaxValue, 1), (ulong.MaxValue, 2), (0, 0x100), (0, 0x101), (0xa0, 0x60), (Low, uint.MaxValue), (Low, 0x80000000)])
        {
            foreach (var offset in (long[])[0x300000, 0x300000 + 0x1001 - 90, 0x308000, 0x308000 + 0xffe - 90, 0x310000, 0x310000 + 0x1000 - 90, 0x318000, 0x318000 + 0xa0])
                script.Add(new Fill(offset, 40, 0));
            // The buffer under test comes behind a good one; it is mended where it cannot be walked.
            script.Add(new WriteDesc(table, 1, Low, 90, DescriptorFlags.Next, 2), new WriteDesc(table, 2, address, length, DescriptorFlags.None));
            script.Add(new Offer(Ring.Tx, [1]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1), new WriteDesc(table, 1, Low, 100, DescriptorFlags.None), new Kick(Ring.Tx), new Settle());
        }
        foreach (var address in (ulong[])[0x11, Low - 1, Low + 0x1001, ulong.MaxValue])
        {
            script.Add(new WriteDesc(table, 1, address, 0, DescriptorFlags.Next, 2), new WriteDesc(table, 2, Low, 90, DescriptorFlags.Next, 3), new WriteDesc(table, 3, address, 0, DescriptorFlags.None));
            script.Add(new Offer(Ring.Tx, [1]), new Kick(Ring.Tx), new Settle());
        }
        return script.End();
    }

    /// <summary>64 regions of odd sizes, next to each other for the guest, in another order in memory; chains that touch several.</summary>
    private static Program MostRegions()
    {
        const ulong Guest = 0x1_0000_0000;
        const int Count = 64;
        const ulong Size = 0x1003;
        var regions = Enumerable.Range(0, Count).Select(i => new MemoryRegion(Guest + ((ulong)i * Size), Size, 0x200000 + (0x2000L * (i * 37 % Count)))).ToImmutableArray();
        var script = Begin("regions-most", "with as many regions as may be, each byte is found; a buffer may lie in many of them", [.. regions.Reverse()]);
        foreach (var region in regions) script.Add(new WriteFrame(region.At, (int)Size, script.NextContent()));
        var table = VhostNetScript.Table(Ring.Tx);
        foreach (var (first, length) in ((int, uint)[])[(0, 100), (31, 0x1003), (62, 0x1800), (40, 0x4000), (1, 0xf000)])
        {
            var begin = Guest + ((ulong)first * Size) + (first == 0 ? 0UL : 0xff0);
            script.Add(new Fill(regions[first].At + (first == 0 ? 0 : 0xff0), Header, 0));
            script.Add(new WriteDesc(table, 1, begin, length, DescriptorFlags.None), new Offer(Ring.Tx, [1]), new Kick(Ring.Tx), new Settle());
        }
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Rx), 1, Guest + (10 * Size) - 5, 0x8000, DescriptorFlags.Write), new Offer(Ring.Rx, [1]), new Kick(Ring.Rx), new Send("b0", 30000, script.NextContent()), new Settle());
        for (var i = 9; i < 19; i++) script.Add(new Read(regions[i].At, (int)Size));
        return script.End();
    }

    /// <summary>The table is changed while a ring is in use: what was mapped is not any more, and the other way round.</summary>
    private static Program OneByOne()
    {
        const ulong Guest = 0x5000_0000;
        var script = Begin("regions-changed", "a new memory table holds for all chains that are taken after it", [new(Guest, 0x10000, 0x300000)]);
        script.Add(new WriteFrame(0x300000 + Header, 80, script.NextContent()), new WriteFrame(0x320000 + Header, 80, script.NextContent()));
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), 1, Guest, Header + 80, DescriptorFlags.None));
        ImmutableArray<ImmutableArray<MemoryRegion>> tables = [[new(Guest, 0x10000, 0x320000)], [], [new(Guest - 0x1000, 0x1000, 0x300000)], [new(Guest - 0x1000, 0x11000, 0x2ff000)], [new(Guest, 0x10000, 0x300000)]];
        script.Add(new Offer(Ring.Tx, [1]), new Kick(Ring.Tx), new Settle());
        foreach (var regions in tables) script.Add(new SetMemTable(regions), new Offer(Ring.Tx, [1]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        return script.End();
    }
}
