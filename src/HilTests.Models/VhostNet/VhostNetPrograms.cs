using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about traffic, signals and broken chains.</summary>
internal static class VhostNetPrograms
{
    private const ulong Plain = Feature.Version1;
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;

    /// <summary>One of each kind after the other, those that take their time last: a run that is cut short has seen most rules.</summary>
    public static IReadOnlyList<Program> All { get; } = [.. InTurns(
        Basic, VhostNetControlPrograms.All, OddCallPrograms.All, LogPrograms.All, IotlbPrograms.All, IotlbLogPrograms.All, VhostNetMemoryPrograms.All, LinkPrograms.All, PressurePrograms.All,
        VhostNetRingPrograms.All, BoundaryPrograms.All, RestartPrograms.All, CrowdPrograms.All, VhostNetNotificationPrograms.All, ZeroCopyPrograms.All).OrderBy(DrivesMuch), TxWeight(), .. TrafficPrograms.All];

    private static IReadOnlyList<Program> Basic =>
    [
        TxBasic("tx-tap", BackendKind.Tap, Merged),
        TxBasic("tx-packet", BackendKind.Packet, Merged | Feature.VhostSuppliesHeader),
        TxBasic("tx-legacy-header", BackendKind.Tap, 0),
        RxBasic("rx-tap", BackendKind.Tap, Merged),
        RxBasic("rx-packet", BackendKind.Packet, Merged | Feature.VhostSuppliesHeader),
        RxBasic("rx-unmerged", BackendKind.Tap, Plain),
        TxShapes(), TxErrors(), TxIndirect(), RxMerged(), RxTooSmall(), RxStarved(), RxErrors(), Wrap(),
        EventIndexTx(), NoInterrupt(), NotifyOnEmpty(), DetachInFlight(), BackendSwap(), AvailJump(), TxRefused(), RxRest(), RxRest(Feature.EventIndex),
        TxBasic("tx-ring-reset", BackendKind.Tap, Merged | Feature.RingReset),
        RxBasic("rx-ring-reset", BackendKind.Tap, Merged | Feature.RingReset),
        ForkedWorker("worker-kthread", 0), ForkedWorker("worker-task", 1),
    ];

    /// <summary>Thousands of buffers that a driver at work hands over: seconds, where others take tenths.</summary>
    private static bool DrivesMuch(Program program) => program.Steps.OfType<Drive>().Sum(d => d.Count) >= 1000;

    /// <summary>The first of each list, the second of each, and so on.</summary>
    private static IEnumerable<Program> InTurns(params IReadOnlyList<Program>[] lists) =>
        Enumerable.Range(0, lists.Max(l => l.Count)).SelectMany(i => lists.Where(l => i < l.Count).Select(l => l[i]));

    private static VhostNetScript Both(string name, string about, ulong features, BackendKind kind = BackendKind.Tap, int num = 256, int start = 0) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start).Attach("b0", kind, Ring.Rx, Ring.Tx);

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    private static Program TxBasic(string name, BackendKind kind, ulong features)
    {
        var script = Both(name, "frames leave in order, byte for byte, and every head is used", features, kind);
        script.SendAll(script.TxFrame(60));
        script.SendAll(Enumerable.Range(0, 8).Select(i => script.TxFrame(60 + (i * 101))).ToList());
        return script.End();
    }

    private static Program ForkedWorker(string name, byte mode)
    {
        var script = new VhostNetScript(name, "either kind of worker sends and receives").Add(new Open(), new SetForkOwner(mode), new Close(), new Open(), new SetForkOwner(mode));
        script.Begin(Merged, open: false).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        script.SendAll(script.TxFrame(60), script.TxFrame(700, [12]));
        var (head, at) = script.RxBuffer(200);
        script.Add(new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Send("b0", 100, script.NextContent()), new Settle());
        return script.ReadBuffer(at, 200, withHeader: true).Add(new ResetOwner(), new Settle(), new GetForkOwner()).End();
    }

    private static Program RxBasic(string name, BackendKind kind, ulong features)
    {
        var script = Both(name, "frames arrive behind their header, one buffer each", features, kind);
        var buffers = Enumerable.Range(0, 4).Select(_ => script.RxBuffer(1600)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx));
        foreach (var length in (int[])[14, 60, 1000, 1514]) script.Add(new Send("b0", length, script.NextContent()));
        script.Add(new Settle());
        foreach (var (_, at) in buffers) script.ReadBuffer(at, 1600, withHeader: true);
        return script.End();
    }

    private static Program TxShapes()
    {
        var script = Both("tx-shapes", "chains cut at odd places, and frames from the shortest to several pages", Merged);
        script.SendAll(script.TxFrame(60, [script.Header]), script.TxFrame(60, [1, 1, 1]), script.TxFrame(300, [5, 100, 7]));
        script.SendAll(script.TxFrame(14), script.TxFrame(1514, [1]), script.TxFrame(9000, [4096, 4096]));
        script.SendAll(script.TxFrame(13));
        return script.End();
    }

    private static Program TxWeight()
    {
        var script = Both("tx-weight", "more frames than one pass may send all go after a single kick", Merged, num: 256);
        foreach (var round in Enumerable.Range(0, 2))
            script.SendAll(Enumerable.Range(0, 256).Select(i => script.TxFrame(40 + ((i + round) % 50))).ToList());
        return script.End();
    }

    private static Program TxErrors()
    {
        var script = Both("tx-errors", "each kind of broken chain is reported, and the ring goes on once it is mended", Merged, num: 64);
        var good = script.TakeTx(128);
        var address = VhostNetScript.GuestBase + (ulong)good;
        var table = VhostNetScript.Table(Ring.Tx);
        script.Add(new Fill(good, script.Header, 0), new WriteFrame(good + script.Header, 60, script.NextContent()));
        WriteDesc[] broken =
        [
            new(table, 0, address, 72, DescriptorFlags.Next, 64),
            new(table, 0, address, 72, DescriptorFlags.Next, 0),
            new(table, 0, 0x10, 72, DescriptorFlags.None),
            new(table, 0, VhostNetScript.GuestBase + VhostNetArena.Size - 8, 72, DescriptorFlags.None),
        ];
        // Broken before it is offered: the worker that the attach woke may still be on its way.
        script.Add(broken[0], new Offer(Ring.Tx, [0]));
        foreach (var step in broken) script.Add(step, new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        script.Add(new WriteDesc(table, 0, address, 72, DescriptorFlags.None), new Kick(Ring.Tx), new Settle());
        script.Add(new Offer(Ring.Tx, [64]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        script.Add(new SetBackend(1, "none"), new SetVringBase(1, 2), new SetBackend(1, "b0"), new Settle());
        WriteDesc[] lost = [new(table, 2, address, 72, DescriptorFlags.Write), new(table, 2, address, 0, DescriptorFlags.None)];
        foreach (var step in lost) script.Add(step, new Offer(Ring.Tx, [2]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        return script.End();
    }

    private static Program TxIndirect()
    {
        var script = Both("tx-indirect", "indirect tables are read in sequence; broken ones are reported", Merged | Feature.Indirect, num: 64);
        script.SendAll(script.TxFrame(60, [12], indirect: true), script.TxFrame(700, [12, 100, 100], indirect: true), script.TxFrame(60));
        var at = script.TakeIndirect();
        var good = script.TakeTx(128);
        var (indirect, buffer) = (VhostNetScript.GuestBase + (ulong)at, VhostNetScript.GuestBase + (ulong)good);
        var table = VhostNetScript.Table(Ring.Tx);
        script.Add(new Fill(good, script.Header, 0), new WriteFrame(good + script.Header, 60, script.NextContent()));
        script.Add(new WriteDesc(at, 0, buffer, 72, DescriptorFlags.None));
        WriteDesc[] broken =
        [
            new(table, 10, indirect, 15, DescriptorFlags.Indirect), new(table, 10, indirect, 0, DescriptorFlags.Indirect),
            new(table, 10, 0x10, 16, DescriptorFlags.Indirect), new(at, 0, buffer, 72, DescriptorFlags.Next),
            new(at, 0, buffer, 72, DescriptorFlags.Indirect),
        ];
        script.Add(new Offer(Ring.Tx, [10]));
        foreach (var step in broken) script.Add(new WriteDesc(table, 10, indirect, 16, DescriptorFlags.Indirect), step, new Kick(Ring.Tx), new Settle());
        script.Add(new WriteDesc(table, 10, indirect, 16, DescriptorFlags.Indirect), new WriteDesc(at, 0, buffer, 72, DescriptorFlags.None));
        return script.Add(new Kick(Ring.Tx), new Settle()).End();
    }

    private static Program RxMerged()
    {
        var script = Both("rx-merged", "a long frame takes several buffers; all but the last are full", Merged);
        var buffers = Enumerable.Range(0, 8).Select(i => script.RxBuffer(300 + i, i % 2 == 0 ? [7, 100] : null)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx));
        foreach (var length in (int[])[1000, 60, 800]) script.Add(new Send("b0", length, script.NextContent()));
        script.Add(new Settle());
        for (var i = 0; i < buffers.Count; i++) script.ReadBuffer(buffers[i].At, 300 + i, withHeader: i is 0 or 4 or 5);
        return script.End();
    }

    private static Program RxTooSmall()
    {
        var script = Both("rx-too-small", "without MRG_RXBUF a frame longer than the buffer is dropped and the buffer stays", Plain);
        var (small, at) = script.RxBuffer(100);
        script.Add(new Offer(Ring.Rx, [small]), new Kick(Ring.Rx), new Send("b0", 89, script.NextContent()), new Settle(), new GetVringBase(0));
        script.Add(new Send("b0", 88, script.NextContent()), new Settle());
        return script.ReadBuffer(at, 100, withHeader: true).End();
    }

    private static Program RxStarved()
    {
        var script = Both("rx-starved", "frames wait for buffers; the device asks for a kick and then delivers them in order", Merged | Feature.EventIndex);
        for (var i = 0; i < 3; i++) script.Add(new Send("b0", 100 + i, script.NextContent()));
        script.Add(new Settle());
        var buffers = Enumerable.Range(0, 3).Select(_ => script.RxBuffer(200)).ToList();
        foreach (var (head, at) in buffers)
            script.Add(new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Settle()).ReadBuffer(at, 200, withHeader: true);
        return script.End();
    }

    private static Program RxErrors()
    {
        var script = Both("rx-errors", "a readable part in an RX chain is an error and costs the buffer", Plain);
        var table = VhostNetScript.Table(Ring.Rx);
        var (good, at) = script.RxBuffer(200);
        var address = VhostNetScript.GuestBase + (ulong)at;
        script.Add(new WriteDesc(table, 200, address, 100, DescriptorFlags.None), new WriteDesc(table, 201, 0x10, 100, DescriptorFlags.Write));
        script.Add(new Offer(Ring.Rx, [200, good, 201]), new Send("b0", 60, script.NextContent()), new Kick(Ring.Rx), new Settle(), new GetVringBase(0));
        script.Add(new Kick(Ring.Rx), new Settle(), new GetVringBase(0)).ReadBuffer(at, 200, withHeader: true);
        script.Add(new Send("b0", 61, script.NextContent()), new Kick(Ring.Rx), new Settle(), new GetVringBase(0));
        return script.End();
    }

    private static Program Wrap()
    {
        var script = Both("wrap", "indices wrap at 65536 and slots at the ring's size, both at once", Merged | Feature.EventIndex, num: 8, start: 65532);
        script.Add(new UsedEvent(Ring.Tx, 65535));
        foreach (var _ in Enumerable.Range(0, 4)) script.SendAll(script.TxFrame(60), script.TxFrame(61), script.TxFrame(62));
        var buffers = Enumerable.Range(0, 8).Select(_ => script.RxBuffer(100)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx));
        for (var i = 0; i < 8; i++) script.Add(new Send("b0", 60 + i, script.NextContent()));
        script.Add(new Settle());
        foreach (var (_, at) in buffers) script.ReadBuffer(at, 100, withHeader: false);
        return script.End();
    }

    private static Program EventIndexTx()
    {
        var script = Both("event-idx", "with EVENT_IDX a signal comes exactly when used_event is passed", Merged | Feature.EventIndex);
        script.SendAll(script.TxFrame(60));
        foreach (var (wanted, frames) in ((int, int)[])[(1, 1), (5, 2), (5, 3), (6, 1), (200, 3), (9, 2), (12, 2), (11, 2)])
        {
            script.Add(new UsedEvent(Ring.Tx, wanted));
            script.SendAll(Enumerable.Range(0, frames).Select(_ => script.TxFrame(60)).ToList());
        }
        // After an attach the first used buffer is signalled, whatever used_event says.
        script.Add(new SetBackend(1, "none"), new UsedEvent(Ring.Tx, 1000), new SetBackend(1, "b0"), new Settle());
        script.SendAll(script.TxFrame(60));
        return script.SendAll(script.TxFrame(60)).End();
    }

    private static Program NoInterrupt()
    {
        var script = Both("no-interrupt", "NO_INTERRUPT silences signals; cleared, they are back", Merged);
        script.Add(new AvailFlags(Ring.Tx, 1)).SendAll(script.TxFrame(60), script.TxFrame(60));
        script.Add(new AvailFlags(Ring.Tx, 0)).SendAll(script.TxFrame(60), script.TxFrame(60));
        script.Add(new SetVringCall(1, FileChoice.None)).SendAll(script.TxFrame(60));
        script.Add(new SetVringCall(1, FileChoice.Event)).SendAll(script.TxFrame(60));
        return script.End();
    }

    private static Program NotifyOnEmpty()
    {
        var script = Both("notify-on-empty", "with NOTIFY_ON_EMPTY a ring that ran empty signals in spite of NO_INTERRUPT", Merged | Feature.NotifyOnEmpty);
        // The flag must not change under a device that is at work, or nothing can be said of its signals.
        script.SendAll(script.TxFrame(60)).Add(new AvailFlags(Ring.Tx, 1)).SendAll(script.TxFrame(60)).SendAll(script.TxFrame(60), script.TxFrame(60));
        return script.End();
    }

    private static Program DetachInFlight()
    {
        var script = Both("detach-in-flight", "after detach nothing moves; what was not taken is taken after the next attach", Merged);
        var heads = Enumerable.Range(0, 40).Select(i => script.TxFrame(60 + i)).ToList();
        script.Add(new Offer(Ring.Tx, [.. heads]), new Kick(Ring.Tx), new SetBackend(1, "none"), new Settle(), new GetVringBase(1));
        script.Add(new Settle(), new SetBackend(1, "b0"), new Kick(Ring.Tx), new Settle());
        return script.End();
    }

    private static Program BackendSwap()
    {
        var script = Both("backend-swap", "a refused back end leaves the old one; a new one takes over; the same one again does nothing", Merged);
        script.Add(new MakeBackend("b1", BackendKind.Tap, 12), new MakeBackend("udp", BackendKind.Udp));
        script.SendAll(script.TxFrame(60));
        script.Add(new SetBackend(1, "udp")).SendAll(script.TxFrame(61));
        script.Add(new SetBackend(1, "b0")).SendAll(script.TxFrame(62));
        script.Add(new SetBackend(1, "b1")).SendAll(script.TxFrame(63));
        var (head, at) = script.RxBuffer(200);
        script.Add(new Send("b1", 70, script.NextContent()), new Settle(), new SetBackend(0, "b1"));
        script.Add(new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Settle()).ReadBuffer(at, 200, withHeader: true);
        return script.End();
    }

    private static Program TxRefused()
    {
        var script = Both("tx-refused", "frames that the socket refuses are used and hold up nothing", Merged | Feature.VhostSuppliesHeader, BackendKind.Packet);
        script.SendAll(script.TxFrame(60)).SendAll(script.TxFrame(61), script.TxFrame(13), script.TxFrame(62));
        return script.SendAll(script.TxFrame(1)).SendAll(script.TxFrame(63)).End();
    }

    private static Program RxRest(ulong more = 0)
    {
        var name = more == 0 ? "rx-rest" : "rx-rest-event-idx";
        var script = Both(name, "buffers too few for a long frame are left alone, and the device asks to be kicked for more", Merged | more);
        var buffers = Enumerable.Range(0, 4).Select(_ => script.RxBuffer(100)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Take(2).Select(b => b.Head)]), new Kick(Ring.Rx), new Send("b0", 300, script.NextContent()), new Settle());
        script.Add(new GetVringBase(0), new Settle(), new Offer(Ring.Rx, [buffers[2].Head]), new Kick(Ring.Rx), new Settle(), new GetVringBase(0));
        script.Add(new Offer(Ring.Rx, [buffers[3].Head]), new Settle(), new GetVringBase(0), new Kick(Ring.Rx), new Settle());
        foreach (var (_, at) in buffers) script.ReadBuffer(at, 100, withHeader: at == buffers[0].At);
        return script.End();
    }

    private static Program AvailJump()
    {
        var script = Both("avail-jump", "an avail index further ahead than the ring is long is an error and consumes nothing", Merged, num: 16);
        script.SendAll(script.TxFrame(60));
        script.Add(new PublishIndex(Ring.Tx, 1 + 17), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        script.Add(new PublishIndex(Ring.Tx, 1), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        return script.SendAll(script.TxFrame(61)).End();
    }
}
