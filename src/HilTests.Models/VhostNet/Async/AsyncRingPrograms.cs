using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Async.AsyncScript;

namespace HilTests.Models.VhostNet.Async;

/// <summary>Hand-written programs about rings on an asynchronous link: signals, wrapping, broken chains, headers, the dirty log.</summary>
internal static class AsyncRingPrograms
{
    private const ulong OwnHeader = Feature.Version1 | Feature.VhostSuppliesHeader;

    public static IReadOnlyList<Program> All { get; } =
    [
        EventIndex(), Suppressed(), Wrap(), BrokenTx(), BrokenRx(), LostInPool(), Headers("async-own-header", OwnHeader), Headers("async-legacy", 0), Headers("async-own-legacy", Feature.VhostSuppliesHeader),
        Indirect(), LogLater(), LogRings(), LogWhileLeaving(),
    ];

    private static Program EventIndex()
    {
        var script = Begin("async-event-idx", "signals follow used_event, whatever order the requests complete in", Feature.Version1 | Feature.EventIndex).Hold(Ring.Tx, Ring.Rx);
        var used = 0;
        foreach (var count in (int[])[1, 4, 7, 3])
        {
            script.Add(new UsedEvent(Ring.Tx, used + count - 1)).Give(Ring.Tx, script.Frames(count));
            script.Release(Ring.Tx, Enumerable.Range(0, count).Skip(1).Reverse()).Release(Ring.Tx, [0]);
            used += count;
        }
        script.Add(new UsedEvent(Ring.Tx, used + 30)).Give(Ring.Tx, script.Frames(5)).Release(Ring.Tx, [4, 3, 2, 1, 0]);
        script.Give(Ring.Rx, script.Buffers(3).Select(b => b.Head)).Packets(3).Release(Ring.Rx, [2]).Add(new UsedEvent(Ring.Rx, 2)).Release(Ring.Rx, [0]).Release(Ring.Rx, [0]);
        return script.End();
    }

    private static Program Suppressed()
    {
        var script = Begin("async-no-interrupt", "a driver that wants no signal gets none, and gets them again").Hold(Ring.Tx);
        script.Give(Ring.Tx, script.Frames(6)).Add(new AvailFlags(Ring.Tx, 1)).Release(Ring.Tx, [3, 1], CompletionContext.Softirq).Add(new AvailFlags(Ring.Tx, 0)).Release(Ring.Tx, [0]);
        script.Add(new SetVringCall(1, FileChoice.None)).Release(Ring.Tx, [0]).Add(new SetVringCall(1, FileChoice.Event)).Release(Ring.Tx, [1, 0]);
        return script.End();
    }

    private static Program Wrap()
    {
        var script = Begin("async-wrap", "indices wrap past 65535 and slots past the ring's end, out of order", num: 8, start: 65533).Hold(Ring.Tx, Ring.Rx);
        for (var round = 0; round < 4; round++)
        {
            script.Give(Ring.Tx, script.Frames(7)).Release(Ring.Tx, [6, 2, 4]).Release(Ring.Tx, [3, 0, 2, 1]);
            script.Give(Ring.Rx, script.Buffers(5, 128).Select(b => b.Head)).Packets(5).Release(Ring.Rx, [4, 0, 2, 3, 1]);
        }
        return script.Count().End();
    }

    private static Program BrokenTx()
    {
        var script = Begin("async-broken-tx", "a broken chain stops the ring, costs no block, and does not touch what is outstanding").Hold(Ring.Tx);
        var frames = script.Frames(3);
        script.Give(Ring.Tx, frames);
        var bad = script.TakeDescriptor(Ring.Tx);
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), bad, 0x10, 100, DescriptorFlags.None)).Give(Ring.Tx, bad).Count().Add(new Kick(Ring.Tx), new Settle()).Count();
        script.Release(Ring.Tx, [2, 0]).Count();
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), bad, VhostNetScript.GuestBase + 0x80000, 100, DescriptorFlags.None), new Kick(Ring.Tx), new Settle()).Count().Release(Ring.Tx, [1, 0]);
        return script.End();
    }

    private static Program BrokenRx()
    {
        var script = Begin("async-broken-rx", "a broken receive chain stops the ring, costs no block, and does not touch what is outstanding").Hold(Ring.Rx);
        script.Give(Ring.Rx, script.Buffers(3).Select(b => b.Head));
        var bad = script.TakeDescriptor(Ring.Rx);
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Rx), bad, VhostNetScript.GuestBase + 0x10000, 100, DescriptorFlags.None)).Give(Ring.Rx, bad).Count().Packets(3);
        script.Release(Ring.Rx, [2, 0]).Count().Give(Ring.Rx, script.Buffers(2).Select(b => b.Head)).Count().Release(Ring.Rx, [1]).Count();
        return script.End();
    }

    /// <summary>More lost buffers than there are blocks: a block that goes with one is missed in the end.</summary>
    private static Program LostInPool()
    {
        var script = Begin("async-lost", "a buffer that cannot be sent is lost, its block is not").Hold(Ring.Tx);
        var at = script.TakeTx(100);
        for (var i = 0; i < 70; i++)
        {
            var head = script.TakeDescriptor(Ring.Tx);
            script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), head, VhostNetScript.Guest(at), 100, DescriptorFlags.Write)).Give(Ring.Tx, head);
        }
        return script.Count().Give(Ring.Tx, script.Frames(64)).Count().Release(Ring.Tx, Enumerable.Range(0, 64).Reverse()).Count().End();
    }

    private static Program Headers(string name, ulong features)
    {
        var script = Begin(name, "headers of either size, supplied by vhost or by the socket, cut anywhere", features).Hold(Ring.Tx, Ring.Rx);
        script.Give(Ring.Tx, [script.TxFrame(60), script.TxFrame(100, [3, 5, 4]), script.TxFrame(61, [script.Header]), script.TxFrame(300, [script.Header + 1, 1, 1])]).Release(Ring.Tx, [2, 1, 3, 0]);
        (int Head, long At)[] buffers = [script.RxBuffer(256), script.RxBuffer(256, [3, 5, 4]), script.RxBuffer(256, [script.Header]), script.RxBuffer(256, [1, 1, 100])];
        script.Give(Ring.Rx, buffers.Select(b => b.Head)).Packets(4).Release(Ring.Rx, [3, 1]).Release(Ring.Rx, [1, 0]);
        return AsyncPrograms.Read(script, buffers).End();
    }

    private static Program Indirect()
    {
        var script = Begin("async-indirect", "indirect tables and chains of many parts", Feature.Version1 | Feature.Indirect).Hold(Ring.Tx);
        script.Give(Ring.Tx, [script.TxFrame(500, [20, 30, 40], indirect: true), script.TxFrame(64), script.TxFrame(900, [1, 2, 3, 4, 5, 6, 7, 8], indirect: true), script.TxFrame(3000, [12, 2000])]);
        return script.Release(Ring.Tx, [2, 0, 3, 1]).Count().End();
    }

    private static VhostNetScript WithLog(string name, string about, ulong features = Feature.Version1)
    {
        var script = new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, VhostNetScript.LogNum).SetUpRing(Ring.Tx, VhostNetScript.LogNum).LogTo(0).Add(new SetLogFd(FileChoice.Event));
        return script.Attach(new MakeBackend(Mp, BackendKind.Mp, HeaderOf(features)), Ring.Rx, Ring.Tx).Hold(Ring.Rx, Ring.Tx);
    }

    private static VhostNetScript Look(this VhostNetScript script) => script.Add(new Settle(), new ReadLog());

    private static Program LogLater()
    {
        var script = WithLog("async-log-later", "pages are marked by what was written, though the log was switched on after the buffer was handed over");
        List<(int Head, long At)> buffers = [script.RxBuffer(3000), script.RxBuffer(9000, [7, 1200]), script.RxBuffer(5000), script.RxBuffer(600), script.RxBuffer(4000, [12, 2000])];
        script.Give(Ring.Rx, buffers.Select(b => b.Head)).Look().Packets(1, 2900).Packets(1, 8500).Packets(1, 100).Packets(1, 300).Packets(1, 3500);
        script.Release(Ring.Rx, [0]).Look().LogPayload().Look().Release(Ring.Rx, [0]).Look().Release(Ring.Rx, [1], CompletionContext.Softirq).Look();
        script.Release(Ring.Rx, [0], CompletionContext.Timer, "EIO").Look().Release(Ring.Rx, [0]).Look().LogPayload(on: false).Look();
        return script.Add(new ReadLog()).End();
    }

    private static Program LogRings()
    {
        var script = WithLog("async-log-rings", "used entries are marked as they are published, in either ring").LogRing(Ring.Tx).LogRing(Ring.Rx).Look();
        script.Give(Ring.Tx, script.Frames(5)).Look().Release(Ring.Tx, [4]).Look().Release(Ring.Tx, [1, 0]).Look();
        script.Give(Ring.Rx, script.Buffers(4).Select(b => b.Head)).Packets(2).Look().LogPayload().Look().Release(Ring.Rx, [3, 1]).Look().LogRing(Ring.Tx, on: false).Release(Ring.Tx, [0]).Look();
        return script.End();
    }

    private static Program LogWhileLeaving()
    {
        var script = WithLog("async-log-leaving", "what is published as the link ends is marked, too").LogRing(Ring.Tx).LogRing(Ring.Rx).Look();
        script.Give(Ring.Tx, script.Frames(4)).Give(Ring.Rx, script.Buffers(4, 3000).Select(b => b.Head)).Packets(2, 2500).LogPayload().Look();
        script.Add(Let(Ring.Rx, [3, 1]), new SetBackend(0, "none")).Look().Add(Let(Ring.Tx, [2]), new SetBackend(1, "none")).Look();
        return script.End();
    }
}
