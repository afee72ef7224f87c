using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about what is handed over: frames at a detach, files and features replaced, pages at their edges.</summary>
internal static class BoundaryPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const long Pages = 0x20000;
    private const int Page = 4096;

    public static IReadOnlyList<Program> All { get; } =
    [
        HandedBack("rx-handed-back", 0), HandedBack("rx-handed-back-event-idx", Feature.EventIndex), FeaturesAgain(), FilesReplaced(Ring.Tx), FilesReplaced(Ring.Rx),
        LogEdges(), LogShapes(), LongTable(), MemoryTop(), Forgets(), RefusedWatching(), RefusedWaiting(), BusyBoth("busy-both", 0), BusyBoth("busy-both-event-idx", Feature.EventIndex),
    ];

    private static VhostNetScript Both(string name, string about, ulong features, int num = 256) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num).SetUpRing(Ring.Tx, num);

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    /// <summary>Frames that the device has taken from the tap ahead of time, when it is detached.</summary>
    private static Program HandedBack(string name, ulong more)
    {
        var script = Both(name, "frames that wait when a back end is detached or changed are still there when it is back, in order", Merged | more)
            .Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new MakeBackend("b1", BackendKind.Tap, 12));
        script.SendMany("b0", 12, 60, grow: 1).Add(new Settle());
        foreach (var (between, count) in ((string, int)[])[("none", 3), ("b1", 4), ("none", 5)])
        {
            var buffers = Enumerable.Range(0, count).Select(_ => script.RxBuffer(128)).ToList();
            script.Add(new SetBackend(0, between), new Settle(), new SetBackend(0, "b0"), new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx), new Settle());
            foreach (var (_, at) in buffers) script.ReadBuffer(at, 128, withHeader: false);
        }
        script.SendMany("b0", 70, 60).Add(new Settle(), new ResetOwner(), new Close()).Begin(Merged | more);
        script.Add(new WriteBytes(VhostNetScript.Used(Ring.Rx) + 2, [0, 0]), new WriteBytes(VhostNetScript.Avail(Ring.Rx) + 2, [0, 0]));
        script.SetUpRing(Ring.Rx).Add(new SetBackend(0, "b0"));
        script.RxRange(0, 80, 128);
        return script.Add(new OfferRange(Ring.Rx, 0, 80), new Kick(Ring.Rx), new Settle()).End();
    }

    /// <summary>Features set again on a detached device, each with another header than the one before.</summary>
    private static Program FeaturesAgain()
    {
        var script = Both("features-again", "features set again take the place of the old ones, header and all, on both rings", Merged);
        foreach (var (features, name, header) in ((ulong, string, int)[])
            [(Merged, "b0", 12), (0, "b1", 10), (Merged | Feature.VhostSuppliesHeader, "b2", 0), (Feature.VhostSuppliesHeader, "b2", 0), (Feature.Version1, "b0", 12), (Merged | Feature.EventIndex, "b0", 12)])
        {
            script.Begin(features, open: false);
            if (name != "b0" || features == Merged) script.Add(features == Feature.VhostSuppliesHeader ? [] : [new MakeBackend(name, BackendKind.Tap, header, header == 0 ? 1 << 24 : 0)]);
            script.Add(new SetBackend(0, name), new SetBackend(1, name), new Settle()).SendAll(script.TxFrame(60), script.TxFrame(700, [5, 100]));
            var (head, at) = script.RxBuffer(400);
            script.Add(new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Send(name, 200, script.NextContent()), new Settle()).ReadBuffer(at, 400, withHeader: true);
            script.Add(new SetBackend(0, "none"), new SetBackend(1, "none"), new Settle());
        }
        return script.End();
    }

    /// <summary>Each eventfd replaced by another, attached and detached: the new one counts.</summary>
    private static Program FilesReplaced(Ring ring)
    {
        var (index, other) = ((int)ring, 1 - (int)ring);
        var script = Both($"files-replaced-{(ring == Ring.Tx ? "tx" : "rx")}", "an eventfd that takes the place of another is the one that counts from then on", Merged).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        Step[] calls = [new SetVringCall(index, FileChoice.Event), new SetVringErr(index, FileChoice.Event), new SetVringKick(index, FileChoice.Event)];
        foreach (var call in (Step[])[.. calls, new SetVringKick(other, FileChoice.Event), .. calls])
        {
            script.Add(call, new Settle());
            Exchange(script);
            script.Add(new SetBackend(index, "none"), call, new SetBackend(index, "b0"), new Settle());
            Exchange(script);
        }
        // A chain that is broken is complained of to the new file.
        script.Add(new SetVringErr(index, FileChoice.None), new SetVringErr(index, FileChoice.Event), new WriteDesc(VhostNetScript.Table(ring), 255, 0x10, 100, ring == Ring.Rx ? DescriptorFlags.Write : DescriptorFlags.None));
        script.Add(new Offer(ring, [255]), new Send("b0", 60, script.NextContent()), new Kick(ring), new Settle(), new SetVringErr(index, FileChoice.Event), new Kick(ring), new Settle());
        return script.End();
    }

    private static void Exchange(VhostNetScript script)
    {
        script.SendAll(script.TxFrame(60));
        script.Add(new Offer(Ring.Rx, [script.RxBuffer(100).Head]), new Kick(Ring.Rx), new Settle(), new Send("b0", 60, script.NextContent()), new Settle());
    }

    /// <summary>The address with so many bytes up to the end of all addresses.</summary>
    private static ulong Beyond(int bytes) => ulong.MaxValue - (ulong)bytes + 1;

    /// <summary>The last region ends with the address space; what lies on it and on the one before has no address behind it.</summary>
    private static Program MemoryTop()
    {
        const int Last = 0x100;
        const int Size = 0x10000;
        const long LastAt = Pages + 0x20000;
        var script = Both("memory-top", "a buffer on two regions that ends with the address space is read and written whole", Merged);
        script.Add(new SetMemTable([new(VhostNetScript.GuestBase, VhostNetArena.Near, 0), new(Beyond(Last + Size), Size, Pages), new(Beyond(Last), Last, LastAt)]));
        script.Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        var index = 0;
        foreach (var length in (int[])[Last + 160, Last + 40, (2 * Last) + 1, Last + Size])
        {
            var before = Pages + Size + Last - length;
            var address = Beyond(length);
            script.Add(new Fill(before, script.Header, 0), new WriteFrame(before + script.Header, length - Last - script.Header, script.NextContent()), new WriteFrame(LastAt, Last, script.NextContent()));
            script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), index, address, (uint)length, DescriptorFlags.None));
            if (length < Size) script.SendAll(index);
            script.Add(new WriteDesc(VhostNetScript.Table(Ring.Rx), index, address, (uint)length, DescriptorFlags.Write), new Offer(Ring.Rx, [index]), new Kick(Ring.Rx), new Settle());
            script.Add(new Send("b0", Math.Min(length, 9000) - script.Header, script.NextContent()), new Settle(), new Read(before, Math.Min(length - Last, 9000)), new Read(LastAt, Last));
            index++;
        }
        return script.End();
    }

    /// <summary>Frames that end just before, at and just behind the edge of a page; of what is written no page is forgotten.</summary>
    private static Program LogEdges()
    {
        var script = Both("log-edges", "a frame that ends some bytes beyond a page has that page in the log", Merged | Feature.LogAll).LogTo(0).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        script.Add(new Settle(), new ReadLog());
        var table = VhostNetScript.Table(Ring.Rx);
        foreach (var (beyond, i) in ((int[])[-1, 0, 1, 2, 10, 11, 12, 13, 14, 1, 12, 4095, 4096, 4097]).Select((b, i) => (b, i)))
        {
            var total = 72 + (i * 3);
            var end = Pages + (i * 4 * Page) + Page + beyond;
            if (beyond > 4000) total = 4200;
            script.Add(new WriteDesc(table, i, VhostNetScript.Guest(end - total), (uint)total, DescriptorFlags.Write));
            script.Add(new Offer(Ring.Rx, [i]), new Kick(Ring.Rx), new Send("b0", total - script.Header, script.NextContent()), new Settle(), new ReadLog());
        }
        return script.End();
    }

    /// <summary>Buffers of several pieces, in tables of their own and not, each piece on a page of its own.</summary>
    private static Program LogShapes()
    {
        var script = Both("log-shapes", "every piece of a buffer is in the log by its own address: in chains, in indirect tables, in frames over several buffers", Merged | Feature.LogAll | Feature.Indirect)
            .LogTo(0x800).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle(), new ReadLog());
        var table = VhostNetScript.Table(Ring.Rx);
        for (var i = 0; i < 8; i++)
        {
            var isIndirect = i % 2 == 1;
            var indirect = script.TakeIndirect();
            var (entries, first) = isIndirect ? (indirect, 0) : (table, i * 4);
            var at = Pages + (i * 8 * Page);
            for (var piece = 0; piece < 3; piece++)
            {
                var next = piece < 2 ? DescriptorFlags.Write | DescriptorFlags.Next : DescriptorFlags.Write;
                script.Add(new WriteDesc(entries, first + piece, VhostNetScript.Guest(at + (piece * 2 * Page) + (i * 100)), (uint)(20 + (piece * 40)), next, piece < 2 ? first + piece + 1 : 0));
            }
            if (isIndirect) script.Add(new WriteDesc(table, i * 4, VhostNetScript.Guest(indirect), 48, DescriptorFlags.Indirect));
        }
        // A descriptor of the ring in front of an indirect table.
        var (tail, front) = (script.TakeIndirect(), Pages + (64 * Page));
        script.Add(new WriteDesc(table, 32, VhostNetScript.Guest(front), 30, DescriptorFlags.Write | DescriptorFlags.Next, 33), new WriteDesc(table, 33, VhostNetScript.Guest(tail), 32, DescriptorFlags.Indirect));
        script.Add(new WriteDesc(tail, 0, VhostNetScript.Guest(front + (2 * Page)), 50, DescriptorFlags.Write | DescriptorFlags.Next, 1), new WriteDesc(tail, 1, VhostNetScript.Guest(front + (4 * Page)), 500, DescriptorFlags.Write));
        foreach (var (heads, length) in ((int[], int)[])[([0], 100), ([4], 100), ([8], 40), ([12], 40), ([16, 20], 200), ([24, 28], 250), ([32], 200)])
            script.Add(new Offer(Ring.Rx, [.. heads]), new Kick(Ring.Rx), new Send("b0", length, script.NextContent()), new Settle(), new ReadLog());
        return script.End();
    }

    /// <summary>The longest indirect table that is allowed, and one that is an entry longer.</summary>
    private static Program LongTable()
    {
        const long At = 0x200000;
        const uint Longest = 65536 * 16;
        var script = Both("indirect-longest", "an indirect table of 65536 entries is read as any other; one more is an error", Merged | Feature.Indirect).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        var at = script.TakeTx(200);
        script.Add(new Fill(at, script.Header, 0), new WriteFrame(at + script.Header, 100, script.NextContent()), new WriteDesc(At, 0, VhostNetScript.Guest(at), 112, DescriptorFlags.None));
        foreach (var length in (uint[])[Longest, Longest - 16, Longest + 16, Longest])
        {
            var head = script.TakeDescriptor(Ring.Tx);
            script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), head, VhostNetScript.Guest(At), length, DescriptorFlags.Indirect));
            if (length <= Longest) script.SendAll(head).Add(new GetVringBase(1));
            else script.SendAll(head).Add(new GetVringBase(1), new WriteDesc(VhostNetScript.Table(Ring.Tx), head, VhostNetScript.Guest(At), 16, DescriptorFlags.Indirect), new Kick(Ring.Tx), new Settle());
        }
        return script.End();
    }

    /// <summary>RESET_OWNER and a new open leave nothing behind of what was set.</summary>
    private static Program Forgets()
    {
        var script = new VhostNetScript("reset-forgets", "nothing that was set is left behind by RESET_OWNER or a new open").Add(new Open(), new SetOwner());
        foreach (var end in (Step[][])[[new ResetOwner()], [new Close(), new Open()]])
        {
            foreach (var ring in (int[])[0, 1])
                script.Add(new SetVringNum(ring, 64), new SetVringBase(ring, 77), new SetBusyloop(ring, 50), new SetVringCall(ring, FileChoice.Event), new SetVringKick(ring, FileChoice.Event), new SetVringErr(ring, FileChoice.Event));
            script.Add([.. end, new SetOwner()]);
            foreach (var ring in (int[])[0, 1]) script.Add(new GetVringBase(ring), new GetBusyloop(ring), new SetVringNum(ring, 1));
        }
        return script.Add(new Close()).ToProgram();
    }

    /// <summary>A refused back end leaves the old one as it was, also while the device watches it for frames.</summary>
    private static Program RefusedWatching()
    {
        var script = Both("refused-watching", "a back end that is refused takes nothing from the one that is attached: frames still wake the device", Merged)
            .Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new MakeBackend("udp", BackendKind.Udp));
        var buffers = Enumerable.Range(0, 6).Select(_ => script.RxBuffer(100)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx), new Settle());
        foreach (var step in (Step[])[new SetBackend(0, "udp"), new SetBackend(1, "udp"), new SetBackend(0, "b0"), new SetBackend(2, "b0"), new SetVringNum(0, 8), new SetVringBase(0, 1)])
            script.Add(step, new Send("b0", 60, script.NextContent()), new Settle());
        return script.SendAll(script.TxFrame(60)).End();
    }

    private static Program RefusedWaiting()
    {
        var script = Both("refused-waiting", "a back end that is refused while the one that is attached is full: the device still hears when that has room", Merged | Feature.VhostSuppliesHeader)
            .Attach(new MakeBackend("b0", BackendKind.Packet, SendBuffer: 8192), Ring.Rx, Ring.Tx).Add(new MakeBackend("udp", BackendKind.Udp));
        foreach (var step in (Step[])[new SetBackend(1, "udp"), new SetBackend(0, "udp"), new SetVringNum(1, 8)])
        {
            script.Add(new Plug("b0")).SendAll(Enumerable.Range(0, 40).Select(i => script.TxFrame(60 + i)).ToList());
            script.Add(step, new Settle(), new Unplug("b0"), new Settle(), new GetVringBase(1));
        }
        return script.End();
    }

    /// <summary>A device that polls for one ring's sake keeps the other quiet meanwhile, and must not forget it.</summary>
    private static Program BusyBoth(string name, ulong more)
    {
        var script = Both(name, "buffers for frames that wait are offered while the device polls for the other ring: none is left behind", Merged | more, num: 64).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        script.TxRange(0, 16, 60);
        script.RxRange(0, 48, 128);
        script.Add(new SetBusyloop(0, 2000), new SetBusyloop(1, 2000)).SendMany("b0", 200, 60).Add(new Kick(Ring.Rx), new Settle());
        var suppress = more == 0 ? Suppression.Flag : Suppression.EventIdx;
        for (var i = 0; i < 12; i++)
        {
            script.Add(new OfferRange(Ring.Tx, i, 1), new Kick(Ring.Tx), new Drive(Ring.Rx, 0, 48, 8, 1, suppress, Spin: 200, Seed: script.NextContent()));
            if (i % 3 == 2) script.Add(new Settle());
        }
        return script.End();
    }
}
