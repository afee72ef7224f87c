using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Async.AsyncScript;

namespace HilTests.Models.VhostNet.Async;

/// <summary>Hand-written programs about what an asynchronous link runs out of: blocks, willingness, its share of a pass.</summary>
internal static class AsyncLimitPrograms
{
    public static IReadOnlyList<Program> All { get; } = [Pool(), PoolShared(), PoolFlows(), Crowd(CompletionContext.Softirq), Crowd(CompletionContext.Timer), Refused(), RefusedRx(), RefusedAmong(), QuotaOfSubmits(), QuotaOfUsed(), QuotaRx()];

    private static IEnumerable<int> First(int count) => Enumerable.Range(0, count);

    private static Program Pool()
    {
        var script = Begin("async-pool", "a device without a free block takes no buffer, loses none, and goes on as blocks come back").Hold(Ring.Tx);
        script.Give(Ring.Tx, script.Frames(100)).Count().Add(new GetVringBase(1));
        script.Release(Ring.Tx, [63, 0, 10]).Count().Release(Ring.Tx, First(40), CompletionContext.Softirq).Count().Release(Ring.Tx, First(57).Reverse(), CompletionContext.Timer).Count();
        script.Give(Ring.Tx, script.Frames(3)).Release(Ring.Tx, [1, 0, 2]);
        return script.End();
    }

    private static Program PoolShared()
    {
        var script = Begin("async-pool-shared", "one ring holds every block; the other goes on when one comes back, with no kick").Hold(Ring.Rx, Ring.Tx);
        var buffers = script.Buffers(64);
        script.Give(Ring.Rx, buffers.Select(b => b.Head)).Count().Give(Ring.Tx, script.Frames(2)).Count().Packets(3);
        script.Release(Ring.Rx, [5]).Count().Release(Ring.Rx, [7, 1]).Count().Release(Ring.Tx, [1, 0]).Count();
        return script.End();
    }

    private static Program PoolFlows()
    {
        var script = Begin("async-pool-flows", "more frames than blocks through a back end that completes at once");
        foreach (var context in (CompletionContext[])[CompletionContext.Process, CompletionContext.Softirq, CompletionContext.Timer])
            script.Flow(Ring.Tx, context).Give(Ring.Tx, script.Frames(150, 20)).Count();
        return script.End();
    }

    /// <summary>Completions on one processor while another publishes: 5000 of them, a few instructions wide each; a lock left out shows in most runs, not in all.</summary>
    private static Program Crowd(CompletionContext context)
    {
        var script = Begin($"async-crowd-{context}".ToLowerInvariant(), "requests complete while others are published, again and again").Flow(Ring.Tx, context);
        var at = script.TakeTx(100);
        script.Add(new WriteFrame(at + script.Header, 60, script.NextContent()), new MpCapture(Mp, false));
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Tx), 0, 256, VhostNetScript.Guest(at), 0, (uint)(60 + script.Header), DescriptorFlags.None));
        for (var round = 0; round < 20; round++) script.Add(new OfferRange(Ring.Tx, 0, 250), new Kick(Ring.Tx), new Settle());
        return script.Add(new Census(), new MpCount(Mp)).End();
    }

    private static Program Refused()
    {
        var script = Begin("async-refused", "frames that the socket refuses go back and are sent when it takes them again, once");
        foreach (var errno in (string[])["EAGAIN", "ENOBUFS", "EIO"])
        {
            script.Add(new MpRefuse(Mp, Ring.Tx, errno)).Give(Ring.Tx, script.Frames(3)).Count().Add(new GetVringBase(1), new Kick(Ring.Tx), new Settle()).Count();
            script.Add(new MpRefuse(Mp, Ring.Tx, null), new Settle()).Count();
        }
        script.Hold(Ring.Tx).Give(Ring.Tx, script.Frames(2)).Add(new MpRefuse(Mp, Ring.Tx, "ENOMEM")).Give(Ring.Tx, script.Frames(2)).Count();
        script.Release(Ring.Tx, [1]).Count().Add(new MpRefuse(Mp, Ring.Tx, null), new Settle()).Count().Release(Ring.Tx, [2, 1, 0]);
        return script.End();
    }

    private static Program RefusedRx()
    {
        var script = Begin("async-refused-rx", "buffers that the socket refuses go back and are handed over when it takes them again");
        var buffers = script.Buffers(4);
        script.Add(new MpRefuse(Mp, Ring.Rx, "EAGAIN")).Give(Ring.Rx, buffers.Select(b => b.Head)).Packets(2).Add(new Settle()).Count().Add(new GetVringBase(0));
        script.Add(new MpRefuse(Mp, Ring.Rx, null), new Settle()).Count();
        return AsyncPrograms.Read(script, buffers).End();
    }

    /// <summary>A refusal for each block and more: a block that is not given back is missed in the end.</summary>
    private static Program RefusedAmong()
    {
        var script = Begin("async-refused-often", "a block is free again after each refusal").Add(new MpRefuse(Mp, Ring.Tx, "EAGAIN"));
        script.Give(Ring.Tx, script.Frames(3));
        for (var i = 0; i < 70; i++) script.Add(new Kick(Ring.Tx), new Census());
        script.Add(new MpRefuse(Mp, Ring.Tx, null), new Settle()).Count();
        script.Hold(Ring.Tx).Give(Ring.Tx, script.Frames(64)).Count().Release(Ring.Tx, First(64)).Count();
        return script.End();
    }

    private static Program QuotaOfSubmits()
    {
        var script = Begin("async-quota-submit", "a pass hands over 512 KiB and goes on in the next one; nothing is left").Hold(Ring.Tx);
        Large(script, 64);
        script.Add(new OfferRange(Ring.Tx, 0, 64), new Kick(Ring.Tx), new Settle()).Count().Release(Ring.Tx, First(64)).Count();
        return script.End();
    }

    private static Program QuotaOfUsed()
    {
        var script = Begin("async-quota-used", "a drain publishes 512 KiB and goes on in the next pass; nothing is left").Hold(Ring.Tx);
        Large(script, 64);
        foreach (var context in (CompletionContext[])[CompletionContext.Process, CompletionContext.Softirq, CompletionContext.Timer, CompletionContext.Softirq])
        {
            script.Add(new OfferRange(Ring.Tx, 0, 64), new Kick(Ring.Tx), new Settle());
            script.Release(Ring.Tx, First(64).Reverse(), context).Add(new Census());
        }
        return script.End();
    }

    private static Program QuotaRx()
    {
        var script = Begin("async-quota-rx", "receive buffers of many bytes are handed over pass by pass, and used pass by pass").Hold(Ring.Rx);
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Rx), 0, 40, VhostNetScript.Guest(VhostNetScript.FarBuffers), 0, 0x10000, DescriptorFlags.Write));
        script.Add(new OfferRange(Ring.Rx, 0, 40), new Kick(Ring.Rx), new Settle()).Count();
        for (var i = 0; i < 20; i++) script.Add(new Send(Mp, 60000, script.NextContent()));
        script.Release(Ring.Rx, First(20).Select(i => 2 * i), CompletionContext.Softirq).Count();
        return script.End();
    }

    /// <summary>So many descriptors of one large frame.</summary>
    private static void Large(VhostNetScript script, int count)
    {
        const int Length = 60000;
        script.Add(new WriteFrame(VhostNetScript.FarBuffers + script.Header, Length, script.NextContent()));
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Tx), 0, count, VhostNetScript.Guest(VhostNetScript.FarBuffers), 0, (uint)(Length + script.Header), DescriptorFlags.None));
    }
}
