using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Async.AsyncScript;

namespace HilTests.Models.VhostNet.Async;

/// <summary>Hand-written programs about the link itself: its kind, failing and repeated calls, its end with requests outstanding.</summary>
internal static class AsyncLinkPrograms
{
    private const ulong OwnHeader = Feature.Version1 | Feature.VhostSuppliesHeader;

    public static IReadOnlyList<Program> All { get; } =
    [
        FailingCalls("async-failing-calls", Ring.Tx), FailingCalls("async-failing-calls-rx", Ring.Rx), FailsOnSync(), SetAgain(),
        Detached(), DetachedRx(), DetachedWhileCompleted(), Replaced(), ToSync(), Synchronous("async-sync-packet", BackendKind.Packet), Synchronous("async-sync-tap", BackendKind.Tap),
        Closed("async-closed", new Close()), ClosedOne("async-closed-rx", Ring.Rx), ClosedOne("async-closed-tx", Ring.Tx), Reset(),
        .. Races("detach", new SetBackend(1, "none")), .. Races("close", new Close()), .. Races("reset", new ResetOwner()), .. Races("settle", new Settle()),
    ];

    /// <summary>Requests outstanding on the ring, some of them completed; a call that fails must leave all that as it is.</summary>
    private static Program FailingCalls(string name, Ring ring)
    {
        var script = Begin(name, "a call that fails leaves the link, its kind and its requests as they were").Hold(Ring.Rx, Ring.Tx);
        Fill(script, ring, 6);
        var index = (int)ring;
        foreach (var kind in (BackendKind[])[BackendKind.Udp, BackendKind.File, BackendKind.Closed, BackendKind.PacketDgram, BackendKind.Unix])
            script.Add(new MakeBackend($"x{kind}".ToLowerInvariant(), kind, 0), new SetBackend(index, $"x{kind}".ToLowerInvariant()), new Census());
        script.Add(new SetBackend(2, Mp), new SetVringNum(index, 256), new SetVringBase(index, 0), new Census(), new Settle());
        // The requests complete, then a call fails, before anybody has looked.
        script.Add(Let(ring, [4, 1]), new SetBackend(index, "xfile"), new Settle()).Count();
        script.Release(ring, [3, 0, 2, 1]).Count();
        Fill(script, ring, 2);
        return script.Release(ring, [1, 0]).Count().End();
    }

    private static Program FailsOnSync()
    {
        var script = new VhostNetScript("async-fails-on-sync", "setting a pass-through back end fails: a synchronous link stays one").Begin(OwnHeader).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx);
        script.Attach("p", BackendKind.Packet, Ring.Rx, Ring.Tx).Add(new MakeBackend(Mp, BackendKind.Mp, 0), new Census());
        script.Give(Ring.Tx, script.Frames(2));
        var gone = new SetVringAddr(1, new UserAddress(VhostNetScript.Table(Ring.Tx)), new UserAddress(VhostNetScript.Avail(Ring.Tx)), new UserAddress(null));
        script.Add(gone, new SetBackend(1, Mp), new Census()).LogRing(Ring.Tx, on: false).Add(new Census());
        script.Give(Ring.Tx, script.Frames(3)).Add(new SetBackend(1, Mp), new Census()).Hold(Ring.Tx).Give(Ring.Tx, script.Frames(3)).Count().Release(Ring.Tx, [2, 0, 1]);
        return script.End();
    }

    private static Program SetAgain()
    {
        var script = Begin("async-set-again", "the same back end set again changes nothing, with requests outstanding and completed").Hold(Ring.Rx, Ring.Tx);
        Fill(script, Ring.Tx, 5);
        Fill(script, Ring.Rx, 5);
        script.Add(new SetBackend(1, Mp), new SetBackend(0, Mp), new Settle()).Count();
        for (var i = 0; i < 4; i++)
        {
            script.Add(Let(Ring.Tx, [0], i % 2 == 0 ? CompletionContext.Process : CompletionContext.Softirq), new SetBackend(1, Mp));
            script.Add(Let(Ring.Rx, [0], i % 2 == 0 ? CompletionContext.Timer : CompletionContext.Process), new SetBackend(0, Mp));
        }
        return script.Add(new Settle()).Count().Release(Ring.Tx, [0]).Count().End();
    }

    private static Program Detached()
    {
        var script = Begin("async-detached", "what the back end gives back when the link ends is used, once, and nothing comes after").Hold(Ring.Tx);
        Fill(script, Ring.Tx, 5);
        script.Release(Ring.Tx, [2]).Add(new SetBackend(1, "none"), new GetVringBase(1), new Census(), new Settle(), new Kick(Ring.Tx), new Settle());
        script.Add(new SetBackend(1, Mp), new Settle());
        Fill(script, Ring.Tx, 4);
        return script.Count().Release(Ring.Tx, [3, 2, 1, 0]).End();
    }

    private static Program DetachedRx()
    {
        var script = Begin("async-detached-rx", "receive buffers that come back unused are used with nothing in them; packets stay").Hold(Ring.Rx);
        Fill(script, Ring.Rx, 5);
        script.Release(Ring.Rx, [4]).Add(new SetBackend(0, "none"), new GetVringBase(0), new Census(), new Settle(), new MpCount(Mp));
        script.Add(new SetBackend(0, Mp), new Settle()).Count();
        Fill(script, Ring.Rx, 3);
        return script.Count().Release(Ring.Rx, [1, 2, 0]).End();
    }

    private static Program DetachedWhileCompleted()
    {
        var script = Begin("async-detached-completed", "requests that complete just before the link ends are used before those that are given back");
        for (var round = 0; round < 4; round++)
        {
            script.Hold(Ring.Tx, Ring.Rx);
            Fill(script, Ring.Tx, 6);
            Fill(script, Ring.Rx, 6);
            script.Add(Let(Ring.Tx, [5, 3, 1], CompletionContext.Softirq), new SetBackend(1, "none"), Let(Ring.Rx, [2, 4]), new SetBackend(0, "none"), new Settle(), new Census());
            script.Add(new SetBackend(1, Mp), new SetBackend(0, Mp));
        }
        return script.End();
    }

    private static Program Replaced()
    {
        var script = Begin("async-replaced", "another pass-through back end: what the first one had is used, the ring goes on with the second").Hold(Ring.Tx);
        script.Add(new MakeBackend("n", BackendKind.Mp, 12), new MpHold("n", Ring.Tx, true, CompletionContext.Process));
        Fill(script, Ring.Tx, 4);
        script.Add(Let(Ring.Tx, [3, 1]), new SetBackend(1, "n"), new Settle(), new MpCount(Mp));
        Fill(script, Ring.Tx, 3);
        script.Add(new MpCount("n"), new MpRelease("n", Ring.Tx, [2, 0], CompletionContext.Softirq, null, null, 0), new SetBackend(1, Mp), new Settle(), new Census());
        Fill(script, Ring.Tx, 2);
        return script.Release(Ring.Tx, [1, 0]).End();
    }

    private static Program ToSync()
    {
        var script = Begin("async-to-sync", "from an asynchronous link to a synchronous one and back, with requests outstanding", OwnHeader).Hold(Ring.Tx, Ring.Rx);
        script.Add(new MakeBackend("p", BackendKind.Packet, 0));
        for (var round = 0; round < 3; round++)
        {
            Fill(script, Ring.Tx, 4);
            Fill(script, Ring.Rx, 3);
            script.Add(Let(Ring.Tx, [2]), new SetBackend(1, "p"), new SetBackend(0, "p"), new Settle(), new Census());
            script.Give(Ring.Tx, script.Frames(3)).Give(Ring.Rx, script.Buffers(2).Select(b => b.Head)).Add(new Send("p", 64, script.NextContent()), new Send("p", 65, script.NextContent()), new Settle());
            script.Add(new SetBackend(1, Mp), new SetBackend(0, Mp), new Census());
        }
        return script.End();
    }

    private static Program Synchronous(string name, BackendKind kind)
    {
        var features = kind == BackendKind.Packet ? OwnHeader : Feature.Version1;
        var script = new VhostNetScript(name, "the same device with a synchronous link uses buffers in the order in which it fetches them").Begin(features).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx);
        script.Attach("b0", kind, Ring.Rx, Ring.Tx).Add(new Census()).Give(Ring.Tx, script.Frames(3)).Give(Ring.Tx, script.Frames(10, 200)).Give(Ring.Tx, script.TxFrame(1514, [1, 20]));
        var buffers = script.Buffers(6);
        script.Give(Ring.Rx, buffers.Select(b => b.Head));
        for (var i = 0; i < 4; i++) script.Add(new Send("b0", 60 + i, script.NextContent()));
        return AsyncPrograms.Read(script.Add(new Settle()), buffers).Add(new Census()).End();
    }

    private static Program Closed(string name, Step end)
    {
        var script = Begin(name, "a device that is closed with requests outstanding and completed on both rings uses each once and keeps nothing").Hold(Ring.Rx, Ring.Tx);
        Fill(script, Ring.Tx, 7);
        Fill(script, Ring.Rx, 5);
        script.Count().Add(Let(Ring.Tx, [6, 2], CompletionContext.Softirq), Let(Ring.Rx, [3], CompletionContext.Timer), end, new Settle(), new Leaks());
        return script.ToProgram() with { Device = AsyncVocabulary.Device };
    }

    private static Program ClosedOne(string name, Ring ring)
    {
        var script = Begin(name, "a device that is closed with the blocks of one ring outstanding").Hold(Ring.Rx, Ring.Tx);
        Fill(script, ring, 9);
        script.Count().Add(Let(ring, [8, 0]), new Close(), new Settle(), new Leaks());
        return script.ToProgram() with { Device = AsyncVocabulary.Device };
    }

    private static Program Reset()
    {
        var script = Begin("async-reset", "RESET_OWNER ends both links; the device can be set up again").Hold(Ring.Rx, Ring.Tx);
        Fill(script, Ring.Tx, 3);
        Fill(script, Ring.Rx, 3);
        script.Add(Let(Ring.Tx, [1]), new ResetOwner(), new Settle(), new Census(), new MpCount(Mp));
        script.Begin(Feature.Version1, open: false).SetUpRing(Ring.Tx, start: 0x10).Add(new SetBackend(1, Mp)).Give(Ring.Tx, script.Frames(2)).Release(Ring.Tx, [1, 0]);
        return script.End();
    }

    /// <summary>
    /// Requests that complete by themselves while a call ends the link: from a timer, on whatever processor, a little later each time, so that they
    /// come before the call, in its midst and behind it.
    /// </summary>
    private static IEnumerable<Program> Races(string name, Step end)
    {
        foreach (var ring in (Ring[])[Ring.Tx, Ring.Rx])
        {
            if (end is SetBackend && ring == Ring.Rx) end = new SetBackend(0, "none");
            for (var pace = 0; pace < 3; pace++)
            {
                var which = ring == Ring.Rx ? "rx" : "tx";
                var script = Begin($"async-race-{name}-{which}-{pace}", "requests complete from a timer while the link ends");
                var rounds = end is Close ? 1 : 4;
                for (var round = 0; round < rounds; round++) Race(script, ring, end, 1 + (pace * 150) + (round * 60));
                yield return end is Close ? script.Add(new Settle(), new Leaks()).ToProgram() with { Device = AsyncVocabulary.Device } : script.End();
            }
        }
    }

    private static void Race(VhostNetScript script, Ring ring, Step end, int after)
    {
        script.Hold(Ring.Rx, Ring.Tx);
        Fill(script, ring, 5);
        script.Add(Let(ring, [4, 0], after: after), end);
        if (end is Close) return;
        script.Add(new Settle(), new Census());
        if (end is SetBackend) script.Add(new SetBackend((int)ring, Mp), new Settle());
        if (end is not ResetOwner) return;
        script.Begin(Feature.Version1, open: false).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Add(new SetBackend(0, Mp), new SetBackend(1, Mp));
    }

    /// <summary>So many requests of the ring are outstanding; as many packets wait.</summary>
    private static void Fill(VhostNetScript script, Ring ring, int count)
    {
        if (ring == Ring.Tx) script.Give(ring, script.Frames(count));
        else script.Give(ring, script.Buffers(count, 128).Select(b => b.Head)).Packets(count, 30);
    }
}
