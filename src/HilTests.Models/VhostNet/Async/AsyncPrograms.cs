using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Async.AsyncScript;

namespace HilTests.Models.VhostNet.Async;

/// <summary>Hand-written programs about the asynchronous link: submission, completion, publication.</summary>
internal static class AsyncPrograms
{
    private const ulong OwnHeader = Feature.Version1 | Feature.VhostSuppliesHeader;

    private static readonly CompletionContext[] Contexts = [CompletionContext.Process, CompletionContext.Softirq, CompletionContext.Timer];

    public static IReadOnlyList<Program> All { get; } =
    [
        TxOrder(), TxContexts(), TxAtOnce(), RxOrder(), RxContexts(), RxAtOnce(), RxPosts(), BothRings(), Failed(), Short(),
        .. AsyncRingPrograms.All, .. AsyncLimitPrograms.All, .. AsyncLinkPrograms.All,
    ];

    private static Program TxOrder()
    {
        var script = Begin("async-tx-order", "several frames are handed over, none is used before it completes, all in the order of completion").Hold(Ring.Tx);
        script.Give(Ring.Tx, script.Frames(5)).Count();
        script.Release(Ring.Tx, [3, 0]).Count().Give(Ring.Tx, script.Frames(2, 200)).Release(Ring.Tx, [4, 2, 0, 3, 1]).Count();
        return script.End();
    }

    private static Program TxContexts()
    {
        var script = Begin("async-tx-contexts", "frames complete in a process, in a soft interrupt and in a timer, in any order").Hold(Ring.Tx);
        script.Give(Ring.Tx, script.Frames(12));
        script.Release(Ring.Tx, [11, 1, 6, 0], CompletionContext.Softirq).Release(Ring.Tx, [2, 1], CompletionContext.Timer).Release(Ring.Tx, [0], CompletionContext.Process);
        // Two contexts, one after the other, and one look at the ring.
        script.Add(Let(Ring.Tx, [4, 3], CompletionContext.Timer), Let(Ring.Tx, [2, 0], CompletionContext.Softirq), Let(Ring.Tx, [0]), new Settle());
        return script.Count().End();
    }

    private static Program TxAtOnce()
    {
        var script = Begin("async-tx-at-once", "a back end that completes at once, in each context");
        foreach (var context in Contexts) script.Flow(Ring.Tx, context).Give(Ring.Tx, script.Frames(9)).Give(Ring.Tx, script.Frames(1, 1514)).Count();
        return script.End();
    }

    private static Program RxOrder()
    {
        var script = Begin("async-rx-order", "buffers are handed over before any packet comes, and used in the order in which they are filled").Hold(Ring.Rx);
        var buffers = script.Buffers(5);
        script.Give(Ring.Rx, buffers.Select(b => b.Head)).Count().Packets(4).Add(new Settle()).Count();
        script.Release(Ring.Rx, [2, 0]).Count().Release(Ring.Rx, [2, 1]).Count();
        return Read(script, buffers).End();
    }

    private static Program RxContexts()
    {
        var script = Begin("async-rx-contexts", "packets arrive in a soft interrupt, in a timer and in a process, into any buffer").Hold(Ring.Rx);
        var buffers = script.Buffers(9);
        script.Give(Ring.Rx, buffers.Select(b => b.Head)).Packets(9);
        script.Release(Ring.Rx, [8, 0, 4], CompletionContext.Softirq).Release(Ring.Rx, [5, 4, 3], CompletionContext.Timer);
        script.Add(Let(Ring.Rx, [1]), Let(Ring.Rx, [1, 0], CompletionContext.Softirq), new Settle());
        return Read(script, buffers).Count().End();
    }

    private static Program RxAtOnce()
    {
        var script = Begin("async-rx-at-once", "packets that wait meet buffers, and buffers that wait meet packets, in each context");
        foreach (var context in Contexts)
        {
            script.Flow(Ring.Rx, context);
            var buffers = script.Buffers(6);
            script.Packets(2).Add(new Settle()).Count().Give(Ring.Rx, buffers.Select(b => b.Head)).Count().Packets(4).Add(new Settle()).Count();
            Read(script, buffers);
        }
        return script.End();
    }

    private static Program RxPosts()
    {
        var script = Begin("async-rx-posts", "a receive pass runs though no packet waits; packets longer than the buffer are dropped and the buffer stays");
        var small = script.Buffers(1, 80);
        var large = script.Buffers(2, 300);
        script.Give(Ring.Rx, small[0].Head).Count().Packets(1, 100).Add(new Settle()).Count().Packets(1, 40).Add(new Settle()).Count();
        script.Give(Ring.Rx, large.Select(b => b.Head)).Packets(1, 400).Packets(1, 100).Add(new Settle()).Count();
        return script.ReadBuffer(small[0].At, 80, withHeader: true).ReadBuffer(large[0].At, 300, withHeader: true).End();
    }

    private static Program BothRings()
    {
        var script = Begin("async-both-rings", "both rings have requests outstanding, and each completes by itself").Hold(Ring.Rx, Ring.Tx);
        var buffers = script.Buffers(6);
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Offer(Ring.Tx, [.. script.Frames(6)]), new Kick(Ring.Tx), new Kick(Ring.Rx), new Settle()).Packets(6).Count();
        script.Add(Let(Ring.Tx, [5, 0], CompletionContext.Softirq), Let(Ring.Rx, [3], CompletionContext.Timer), Let(Ring.Tx, [1]), new Settle()).Count();
        script.Add(Let(Ring.Rx, [4, 0]), Let(Ring.Tx, [2, 1, 0], CompletionContext.Timer), Let(Ring.Rx, [2, 1, 0], CompletionContext.Softirq), new Settle());
        return Read(script, buffers).Count().End();
    }

    private static Program Failed()
    {
        var script = Begin("async-failed", "a request that fails is used all the same: no frame leaves, nothing is received").Hold(Ring.Rx, Ring.Tx);
        var buffers = script.Buffers(3);
        script.Give(Ring.Tx, script.Frames(4)).Give(Ring.Rx, buffers.Select(b => b.Head)).Packets(2);
        script.Release(Ring.Tx, [2, 0], CompletionContext.Softirq, "EIO").Release(Ring.Tx, [1]).Release(Ring.Tx, [0], CompletionContext.Process, "ENOMEM");
        script.Release(Ring.Rx, [1], CompletionContext.Process, "EIO").Release(Ring.Rx, [1, 0]).Count();
        // What cannot be let go is refused by the back end, and changes nothing.
        script.Add(Let(Ring.Tx, [0]), Let(Ring.Rx, []), new Settle()).Give(Ring.Tx, script.Frames(2)).Add(Let(Ring.Tx, [0, 0]), Let(Ring.Tx, [2]), new Settle()).Release(Ring.Tx, [1, 0]);
        return Read(script, buffers).Count().End();
    }

    private static Program Short()
    {
        var script = Begin("async-short", "a request that completes short says so in its used entry").Hold(Ring.Rx, Ring.Tx);
        var buffers = script.Buffers(3);
        script.Give(Ring.Rx, buffers.Select(b => b.Head)).Packets(3, 100);
        script.Release(Ring.Rx, [1], CompletionContext.Process, null, 20).Release(Ring.Rx, [1], CompletionContext.Softirq, null, 0).Release(Ring.Rx, [0]);
        return Read(script, buffers).Count().End();
    }

    internal static VhostNetScript Read(VhostNetScript script, IEnumerable<(int Head, long At)> buffers, int length = 256)
    {
        foreach (var (_, at) in buffers) script.ReadBuffer(at, length, withHeader: true);
        return script;
    }
}
