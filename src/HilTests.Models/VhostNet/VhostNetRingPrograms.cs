using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about rings that are odd: every broken chain at every place, wraps, sizes, long chains.</summary>
internal static class VhostNetRingPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const int Frame = 60;
    private const int BrokenNum = 16;
    private const int Batch = 5;
    private const int Buffer = 128;

    public static IReadOnlyList<Program> All { get; } =
    [
        Broken(Ring.Tx, "broken-tx", 0), Broken(Ring.Tx, "broken-tx-event-idx", Feature.EventIndex, start: 65500),
        Broken(Ring.Rx, "broken-rx", 0), Broken(Ring.Rx, "broken-rx-event-idx", Feature.EventIndex, start: 65500),
        Lost(Ring.Tx, "lost-tx", Merged), Lost(Ring.Tx, "lost-tx-event-idx", Merged | Feature.EventIndex), Lost(Ring.Tx, "lost-tx-packet", Merged | Feature.VhostSuppliesHeader),
        Lost(Ring.Rx, "lost-rx", Merged), Lost(Ring.Rx, "lost-rx-event-idx", Feature.Version1 | Feature.EventIndex),
        Jump(Ring.Tx), Jump(Ring.Rx), JumpInHand(),
        .. ((int[])[1, 2, 4, 8, 512, 4096, 32768]).Select(Sized),
        LongTx(), LongRx(), Whole(Ring.Tx), Whole(Ring.Rx),
    ];

    private static VhostNetScript Both(string name, string about, ulong features, int num = 256, int start = 0) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start)
            .Attach("b0", (features & Feature.VhostSuppliesHeader) != 0 ? BackendKind.Packet : BackendKind.Tap, Ring.Rx, Ring.Tx);

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    /// <summary>Good buffers at heads 0 to 7; the chain under test begins at head 8, and may use the descriptors behind it.</summary>
    private sealed record Bench(VhostNetScript Script, Ring Ring)
    {
        public const int Head = 8;

        public DescriptorFlags Flags => Ring == Ring.Rx ? DescriptorFlags.Write : DescriptorFlags.None;

        public uint Length => Ring == Ring.Rx ? Buffer : (uint)(Script.Header + Frame);

        public long Good { get; } = Ring == Ring.Rx ? Script.TakeRx(Buffer) : Script.TakeTx(Buffer);

        public long Side { get; } = Script.TakeIndirect();

        public WriteDesc At(int entry, ulong address, uint length, DescriptorFlags flags, int next = 0) =>
            new(VhostNetScript.Table(Ring), Head + entry, address, length, flags, next);

        public WriteDesc InSide(int entry, ulong address, uint length, DescriptorFlags flags) => new(Side, entry, address, length, flags, 0xfff0);

        public WriteDesc Mended => At(0, VhostNetScript.Guest(Good), Length, Flags);
    }

    private static Bench MakeBench(VhostNetScript script, Ring ring)
    {
        var bench = new Bench(script, ring);
        if (ring == Ring.Tx) script.TxRange(0, 8, Frame).Add(new Fill(bench.Good, script.Header, 0), new WriteFrame(bench.Good + script.Header, Frame, script.NextContent()));
        else script.RxRange(0, 8, Buffer);
        return bench;
    }

    /// <summary>Chains that cannot be walked; each with the steps that make it so.</summary>
    private static IEnumerable<Step[]> Unwalkable(Bench b)
    {
        var (good, side, end) = (VhostNetScript.Guest(b.Good), VhostNetScript.Guest(b.Side), VhostNetScript.GuestBase + VhostNetArena.Size);
        const DescriptorFlags Next = DescriptorFlags.Next;
        const DescriptorFlags Indirect = DescriptorFlags.Indirect;
        yield return [b.At(0, good, b.Length, b.Flags | Next, BrokenNum)];
        yield return [b.At(0, good, b.Length, b.Flags | Next, 0xffff)];
        yield return [b.At(0, good, 1, b.Flags | Next, Bench.Head)];
        yield return [b.At(0, good, 1, b.Flags | Next, Bench.Head + 1), b.At(1, good, 1, b.Flags | Next, Bench.Head)];
        yield return [b.At(0, 0x10, b.Length, b.Flags)];
        yield return [b.At(0, VhostNetScript.GuestBase - 1, 2, b.Flags)];
        yield return [b.At(0, end - b.Length + 1, b.Length, b.Flags)];
        yield return [b.At(0, end, 1, b.Flags)];
        yield return [b.At(0, ulong.MaxValue - 7, 16, b.Flags)];
        yield return [b.At(0, good, 20, b.Flags | Next, Bench.Head + 1), b.At(1, 0x10, 100, b.Flags)];
        yield return [b.At(0, good, 20, DescriptorFlags.Write | Next, Bench.Head + 1), b.At(1, good, 60, DescriptorFlags.None)];
        yield return [b.At(0, side, 17, Indirect), b.InSide(0, good, b.Length, b.Flags)];
        yield return [b.At(0, side, 0, Indirect)];
        yield return [b.At(0, side, 16 * 65537, Indirect)];
        yield return [b.At(0, 0x10, 16, Indirect)];
        yield return [b.At(0, end - 16, 32, Indirect)];
        yield return [b.At(0, side, 16, Indirect), b.InSide(0, good, b.Length, b.Flags | Next)];
        yield return [b.At(0, side, 32, Indirect), b.InSide(0, good, 20, b.Flags | Next), b.InSide(1, good, b.Length, b.Flags | Next)];
        yield return [b.At(0, side, 16, Indirect), b.InSide(0, side, 16, b.Flags | Indirect)];
        yield return [b.At(0, side, 32, Indirect), b.InSide(0, good, 20, b.Flags | Next), b.InSide(1, 0x10, 60, b.Flags)];
        yield return [b.At(0, side, 32, Indirect), b.InSide(0, good, 20, DescriptorFlags.Write | Next), b.InSide(1, good, 60, DescriptorFlags.None)];
        yield return [b.At(0, side, 16, Indirect | Next, BrokenNum), b.InSide(0, good, b.Length, b.Flags)];
    }

    private static Program Broken(Ring ring, string name, ulong more, int start = 0)
    {
        var script = Both(name, "a chain that cannot be walked is complained of at each kick, holds up what is behind it, and goes on once mended", Merged | Feature.Indirect | more, BrokenNum, start);
        var bench = MakeBench(script, ring);
        script.Add(new Kick(ring), new Settle());
        var place = 0;
        foreach (var broken in Unwalkable(bench))
        {
            Through(script, ring, place++ % Batch, [.. broken]);
            script.Add(bench.Mended, new Kick(ring), new Settle());
        }
        var slot = VhostNetScript.Avail(ring) + 4;
        // A head that is no index: mended where it stands in the avail ring.
        foreach (var head in (int[])[BrokenNum, 0xffff])
        {
            script.Add(new Offer(ring, [head, 1]), new Kick(ring)).Frames(ring, 2).Add(new Settle(), new GetVringBase((int)ring), new Kick(ring), new Settle());
            for (var i = 0; i < BrokenNum; i++) script.Add(new WriteBytes(slot + (2 * i), [(byte)(i % 8), 0]));
            script.Add(new Kick(ring), new Settle());
        }
        return script.End();
    }

    /// <summary>Five chains, that at the place under test; kicked twice, so that the second complaint is seen by itself.</summary>
    private static void Through(VhostNetScript script, Ring ring, int place, Step[] chain)
    {
        script.Add(chain);
        var heads = Enumerable.Range(0, Batch).Select(i => i == place ? Bench.Head : i).ToArray();
        script.Add(new Offer(ring, [.. heads]), new Kick(ring)).Frames(ring, Batch).Add(new Settle(), new GetVringBase((int)ring), new Kick(ring), new Settle());
    }

    private static VhostNetScript Frames(this VhostNetScript script, Ring ring, int count) =>
        ring == Ring.Rx ? script.SendMany("b0", count, Frame).Add(new Kick(ring)) : script;

    /// <summary>Chains that can be walked, but are of no use: they cost their buffer.</summary>
    private static IEnumerable<Step[]> Useless(Bench b, ulong features)
    {
        var good = VhostNetScript.Guest(b.Good);
        var side = VhostNetScript.Guest(b.Side);
        const DescriptorFlags Next = DescriptorFlags.Next;
        yield return [b.At(0, good, 0, b.Flags)];
        yield return [b.At(0, 0x11, 0, b.Flags)];
        yield return [b.At(0, good, b.Length, b.Flags ^ DescriptorFlags.Write)];
        yield return [b.At(0, good, b.Length, DescriptorFlags.None | Next, Bench.Head + 1), b.At(1, good, 60, DescriptorFlags.Write)];
        yield return [b.At(0, side, 32, DescriptorFlags.Indirect), b.InSide(0, good, b.Length, Next), b.InSide(1, good, 1, DescriptorFlags.Write)];
        yield return [b.At(0, side, 16, DescriptorFlags.Indirect), b.InSide(0, good, 0, b.Flags)];
        if ((features & Feature.VhostSuppliesHeader) == 0 || b.Ring == Ring.Rx) yield break;
        yield return [b.At(0, good, 12, DescriptorFlags.None)];
        yield return [b.At(0, good, 5, DescriptorFlags.None | Next, Bench.Head + 1), b.At(1, good, 7, DescriptorFlags.None)];
        yield return [b.At(0, good, 1, DescriptorFlags.None)];
    }

    private static Program Lost(Ring ring, string name, ulong features)
    {
        var script = Both(name, "a chain that the device cannot use is complained of once and consumed; what is behind it goes at the next kick", features | Feature.Indirect, BrokenNum);
        var bench = MakeBench(script, ring);
        script.Add(new Kick(ring), new Settle());
        var place = 0;
        foreach (var useless in Useless(bench, features))
        {
            Through(script, ring, place++ % Batch, useless);
            script.Add(new Kick(ring), new Settle(), new GetVringBase((int)ring));
        }
        return script.End();
    }

    private static Program Jump(Ring ring)
    {
        var script = Both(ring == Ring.Tx ? "jump-tx" : "jump-rx", "an avail index too far ahead or behind is an error until it is mended, and one as far as the ring is long is not", Merged, BrokenNum, start: 65530);
        MakeBench(script, ring);
        var index = 65530;
        script.Add(new Kick(ring), new Settle());
        foreach (var ahead in (int[])[BrokenNum + 1, 0x7fff, 0xffff, 0x8000])
        {
            script.Add(new PublishIndex(ring, (index + ahead) & 0xffff), new Kick(ring)).Frames(ring, 1).Add(new Settle(), new GetVringBase((int)ring), new Kick(ring), new Settle());
            script.Add(new PublishIndex(ring, index & 0xffff), new Kick(ring), new Settle(), new Offer(ring, [0]), new Kick(ring), new Settle());
            index++;
        }
        for (var i = 0; i < BrokenNum; i++) script.Add(new WriteBytes(VhostNetScript.Avail(ring) + 4 + (2 * i), [(byte)(i % 8), 0]));
        return script.Add(new PublishIndex(ring, (index + BrokenNum) & 0xffff), new Kick(ring)).Frames(ring, BrokenNum).Add(new Settle()).End();
    }

    /// <summary>The device has read a sane index, then the driver publishes one that jumps: it may use what it has in hand, no more.</summary>
    private static Program JumpInHand()
    {
        var script = Both("jump-in-hand", "after a jump the device uses at most the buffers it knew of, then complains", Merged, BrokenNum);
        script.RxRange(0, 8, Buffer);
        script.Add(new OfferRange(Ring.Rx, 0, 4), new Kick(Ring.Rx), new Settle()).SendMany("b0", 1, Frame).Add(new Settle());
        script.Add(new PublishIndex(Ring.Rx, 40)).SendMany("b0", 2, Frame).Add(new Kick(Ring.Rx), new Settle(), new GetVringBase(0));
        script.SendMany("b0", 4, Frame).Add(new Kick(Ring.Rx), new Settle(), new GetVringBase(0));
        script.Add(new PublishIndex(Ring.Rx, 4), new Kick(Ring.Rx), new Settle(), new GetVringBase(0));
        return script.Add(new OfferRange(Ring.Rx, 4, 4), new Kick(Ring.Rx), new Settle()).End();
    }

    /// <summary>A ring of any size, filled to the last entry, over the wrap of the index.</summary>
    private static Program Sized(int num)
    {
        var start = (65536 - (num / 2)) & 0xffff;
        var script = new VhostNetScript($"ring-{num}", "a ring of this size is filled to the last entry, both ways, over both wraps")
            .Begin(Merged).SetUpFarRing(Ring.Tx, num, start).SetUpFarRing(Ring.Rx, num, start).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        var frames = Math.Min(num, 400);
        var at = VhostNetScript.FarBuffers;
        const int Slot = 32;
        script.Add(new WriteFrames(at + script.Header, num, Slot, FrameContent.EthernetHeader, script.NextContents(num)));
        script.Add(new WriteDescs(VhostNetScript.FarTable(Ring.Tx), 0, num, VhostNetScript.Guest(at), Slot, (uint)(script.Header + FrameContent.EthernetHeader), DescriptorFlags.None));
        var rx = script.TakeRx(Buffer * frames);
        script.Add(new WriteDescs(VhostNetScript.FarTable(Ring.Rx), 0, frames, VhostNetScript.Guest(rx), Buffer, Buffer, DescriptorFlags.Write));
        script.Add(new Kick(Ring.Tx), new Settle(), new OfferRange(Ring.Tx, 0, num), new Kick(Ring.Tx), new Settle());
        script.Add(new OfferRange(Ring.Tx, num - 1, 1), new Kick(Ring.Tx), new Settle());
        // RX: as far as a tap's queue goes, from the ring's last entries to its first.
        for (var round = 0; round < (num <= 512 ? 3 : 1); round++)
        {
            script.Add(new OfferRange(Ring.Rx, 0, frames), new Kick(Ring.Rx), new Settle()).SendMany("b0", frames, 20).Add(new Settle());
            script.Add(new ReadFrames(rx, Math.Min(frames, 40), Buffer, Buffer));
        }
        return script.End();
    }

    private static Program LongTx()
    {
        var script = new VhostNetScript("long-chains-tx", "a chain as long as the ring, of 1024 segments, and of one more; likewise in an indirect table")
            .Begin(Merged | Feature.Indirect).SetUpFarRing(Ring.Tx, 2048).Attach("b0", BackendKind.Tap, Ring.Tx);
        var (at, table, side) = (VhostNetScript.FarBuffers, VhostNetScript.FarTable(Ring.Tx), VhostNetScript.FarBuffers + 0x10000);
        script.Add(new WriteFrame(at + script.Header, 4000, script.NextContent()), new Kick(Ring.Tx), new Settle());
        foreach (var (count, more) in ((int, int)[])[(1023, 0), (1024, 0), (1025, 0), (2048, 0), (1024, 1)])
        {
            // The last one has an empty descriptor among its entries, which is no segment.
            script.Add(new WriteDescs(table, 0, count + more, VhostNetScript.Guest(at), 1, 1, DescriptorFlags.None, Chain: true));
            if (more > 0) script.Add(new WriteDesc(table, 500, 0x10, 0, DescriptorFlags.Next, 501));
            script.Add(new Offer(Ring.Tx, [0]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
            script.Add(new WriteDescs(table, 0, 1, VhostNetScript.Guest(at), 0, 100, DescriptorFlags.None), new Kick(Ring.Tx), new Settle());
        }
        foreach (var count in (int[])[1, 1024, 1025])
        {
            script.Add(new WriteDescs(side, 0, count, VhostNetScript.Guest(at), 1, count == 1 ? 90u : 1, DescriptorFlags.None, Chain: true));
            script.Add(new WriteDesc(table, 7, VhostNetScript.Guest(side), (uint)(16 * count), DescriptorFlags.Indirect), new Offer(Ring.Tx, [7]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
            script.Add(new WriteDesc(table, 7, VhostNetScript.Guest(at), 100, DescriptorFlags.None), new Kick(Ring.Tx), new Settle());
        }
        // The longest indirect table there may be, of which one entry is used; and one where another descriptor follows.
        script.Add(new WriteDescs(side, 0, 1, VhostNetScript.Guest(at), 0, 90, DescriptorFlags.None));
        script.Add(new WriteDesc(table, 7, VhostNetScript.Guest(0x100000), 16 * 65536, DescriptorFlags.Indirect), new WriteDesc(0x100000, 0, VhostNetScript.Guest(at), 90, DescriptorFlags.None));
        script.Add(new Offer(Ring.Tx, [7]), new Kick(Ring.Tx), new Settle());
        script.Add(new WriteDesc(table, 7, VhostNetScript.Guest(side), 16, DescriptorFlags.Indirect | DescriptorFlags.Next, 9), new WriteDesc(table, 9, VhostNetScript.Guest(at) + 90, 30, DescriptorFlags.None));
        return script.Add(new Offer(Ring.Tx, [7]), new Kick(Ring.Tx), new Settle()).End();
    }

    /// <summary>Rings of many sizes: a chain that comes back to its head, then the same one mended: as many descriptors as the ring has.</summary>
    private static Program Whole(Ring ring)
    {
        var script = new VhostNetScript($"whole-chain-{(ring == Ring.Tx ? "tx" : "rx")}", "a chain of all descriptors of the ring is a buffer, one more makes a loop, whatever the ring's size").Begin(Merged).Add(new MakeBackend("b0", BackendKind.Tap, 12));
        var (index, at, table) = ((int)ring, VhostNetScript.FarBuffers, VhostNetScript.FarTable(ring));
        var flags = ring == Ring.Tx ? DescriptorFlags.None : DescriptorFlags.Write;
        foreach (var num in (int[])[1, 2, 4, 8, 16, 128, 256, 1024])
        {
            var piece = Math.Max(1, (80 + num - 1) / num);
            var chain = new WriteDescs(table, 0, num, VhostNetScript.Guest(at), piece, (uint)piece, flags, Chain: true);
            script.Add(ring == Ring.Tx ? new WriteFrame(at + script.Header, (piece * num) - script.Header, script.NextContent()) : new Fill(at, 2048, 0xa5));
            script.SetUpFarRing(ring, num, 65535).Add(new SetBackend(index, "b0"), new Kick(ring), new Settle());
            script.Add(chain, new WriteDesc(table, num - 1, VhostNetScript.Guest(at), 1, flags | DescriptorFlags.Next, 0), new Offer(ring, [0]));
            if (ring == Ring.Rx) script.Add(new Send("b0", (piece * num) - script.Header, script.NextContent()));
            script.Add(new Kick(ring), new Settle(), new GetVringBase(index), chain, new Kick(ring), new Settle(), new GetVringBase(index));
            if (ring == Ring.Rx) script.Add(new Read(at, 2048));
            script.Add(new SetBackend(index, "none"), new Settle());
        }
        return script.End();
    }

    private static Program LongRx()
    {
        var script = new VhostNetScript("long-chains-rx", "RX chains of 1024 segments, and of one more; frames that end in the first, a middle and the last of them")
            .Begin(Merged | Feature.Indirect).SetUpFarRing(Ring.Rx, 2048).Attach("b0", BackendKind.Tap, Ring.Rx);
        var (at, table, side) = (VhostNetScript.FarBuffers, VhostNetScript.FarTable(Ring.Rx), VhostNetScript.FarBuffers + 0x10000);
        script.Add(new Kick(Ring.Rx), new Settle());
        foreach (var (count, length) in ((int, int)[])[(1024, 14), (1024, 500), (1024, 1012), (1025, 100)])
        {
            script.Add(new Fill(at, 2048, 0xa5), new WriteDescs(table, 0, count, VhostNetScript.Guest(at), 1, 1, DescriptorFlags.Write, Chain: true));
            script.Add(new Offer(Ring.Rx, [0]), new Send("b0", length, script.NextContent()), new Kick(Ring.Rx), new Settle(), new GetVringBase(0), new Read(at, 2048));
        }
        script.Add(new WriteDescs(table, 0, 1, VhostNetScript.Guest(at), 0, 2000, DescriptorFlags.Write), new Kick(Ring.Rx), new Settle(), new Read(at, 2048));
        foreach (var (count, length) in ((int, int)[])[(3, 100), (1024, 900), (1025, 100)])
        {
            script.Add(new Fill(at, 2048, 0xa5), new WriteDescs(side, 0, count, VhostNetScript.Guest(at), count == 3 ? 60 : 1, count == 3 ? 60u : 1, DescriptorFlags.Write, Chain: true));
            script.Add(new WriteDesc(table, 9, VhostNetScript.Guest(side), (uint)(16 * count), DescriptorFlags.Indirect), new Offer(Ring.Rx, [9]), new Send("b0", length, script.NextContent()));
            script.Add(new Kick(Ring.Rx), new Settle(), new GetVringBase(0), new Read(at, 2048));
        }
        return script.End();
    }
}
