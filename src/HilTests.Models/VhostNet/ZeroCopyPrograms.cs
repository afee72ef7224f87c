using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about frames that take the pages of their buffer along.</summary>
internal static class ZeroCopyPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;

    /// <summary>The shortest frame that is lent its buffer: 256 bytes with the header of 12.</summary>
    private const int Shortest = 244;

    private const int Delay = 300;

    private static MakeBackend Queued { get; } = new("b0", BackendKind.Tap, 12, 0, Outlet.Queue);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        Basic("zero-copy", Queued), Basic("zero-copy-macvtap", new("b0", BackendKind.Macvtap, 12)), Basic("zero-copy-event-idx", Queued, Feature.EventIndex),
        Pending("zero-copy-pending", 16), Pending("zero-copy-pending-large", 256), Straight(), Failures(), Refused(), Full(), Fragments(), Reused("zero-copy-reused", 0), Reused("zero-copy-reused-event-idx", Feature.EventIndex),
        Leaving("zero-copy-detach", "detach", s => s.Add(new SetBackend(1, "none"))), Leaving("zero-copy-swap", "a change of back ends", s => s.Add(new SetBackend(1, "b1"))),
        Ending("zero-copy-reset", "RESET_OWNER", new ResetOwner()), Ending("zero-copy-close", "close", new Close()),
    ];

    private static VhostNetScript Begin(string name, string about, MakeBackend backend, int num = 256, ulong more = 0) =>
        new VhostNetScript(name, about).Add(new LoadModule(true)).Begin(Merged | more).SetUpRing(Ring.Rx, num).SetUpRing(Ring.Tx, num).Attach(backend, Ring.Rx, Ring.Tx);

    private static VhostNetScript Frames(this VhostNetScript script, params IEnumerable<int> lengths) =>
        script.SendAll(lengths.Select(length => script.TxFrame(length)).ToList());

    private static VhostNetScript Renew(this VhostNetScript script) => script.Add(new SetBackend(1, "none"), new SetBackend(1, "b0"), new Settle());

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    private static Program Basic(string name, MakeBackend backend, ulong more = 0)
    {
        var script = Begin(name, "long frames keep their buffer until they are through; short ones overtake them", backend, more: more);
        script.Add(new Plug("b0")).Frames(Shortest, Shortest - 1, 60, 1000, 61).Frames(5000, 62).Add(new GetVringBase(1), new Unplug("b0"), new Settle());
        script.Renew().Add(new Plug("b0")).Frames(300, 301).Frames(60).Add(new Unplug("b0"), new Settle()).Frames(70);
        return script.End();
    }

    private static Program Pending(string name, int num)
    {
        var script = Begin(name, "when a quarter of the ring is on loan, at most 128, the next long frames are copied", Queued, num);
        script.Add(new Plug("b0"));
        for (var sent = 0; sent < num / 2; sent += num / 8) script.Frames(Enumerable.Range(0, num / 8).Select(i => Shortest + sent + i));
        return script.Add(new GetVringBase(1), new Unplug("b0"), new Settle()).Frames(60).End();
    }

    private static Program Straight()
    {
        var script = Begin("zero-copy-straight", "where nothing holds frames, each is used as it is sent", new("b0", BackendKind.Tap, 12));
        for (var i = 0; i < 8; i++) script.Frames(300, 60, 1500, 61, 9000, 244, 243, 62, 63, 64);
        return script.End();
    }

    private static Program Failures()
    {
        var script = Begin("zero-copy-failures", "frames that had to be copied on their way make the device copy the next ones itself, for a while", Queued);
        script.Add(new Plug("b0")).Frames(300, 301).Add(new Unplug("b0"), new Settle());
        for (var i = 0; i < 3; i++) script.Frames(Enumerable.Repeat(60, 41));
        script.Add(new Plug("b0")).Frames(400, 401, 402, 403, 404, 405).Add(new Unplug("b0"), new Settle());
        return script.Renew().Add(new Plug("b0")).Frames(500).Frames(60).Add(new Unplug("b0"), new Settle()).End();
    }

    private static Program Refused()
    {
        var script = Begin("zero-copy-refused", "a long frame that the tap refuses is used in its turn", Queued);
        var (head, at) = (script.TakeDescriptor(Ring.Tx), script.TakeTx(600));
        script.Add(new Fill(at, script.Header, 0), new WriteFrame(at + script.Header, 500, script.NextContent()), new WriteBytes(at, [0, 2]));
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), head, VhostNetScript.GuestBase + (ulong)at, 512, DescriptorFlags.None));
        script.Add(new Plug("b0")).SendAll(script.TxFrame(300), head, script.TxFrame(60), script.TxFrame(301)).Add(new Unplug("b0"), new Settle());
        return script.End();
    }

    private static Program Full()
    {
        var script = Begin("zero-copy-full", "a full tap gets nothing more until frames are through; buffers on loan come back in order", Queued with { SendBuffer = 40_000 });
        // Which frame the tap has no room for is not foretold: long ones, and short ones behind none, one and two of them.
        foreach (var turn in (int[])[0, 1, 2, -1])
        {
            script.Add(new Plug("b0")).Frames(Enumerable.Range(0, 40).Select(i => i % 3 == turn ? 60 + i : 1000 + i)).Add(new GetVringBase(1), new Kick(Ring.Tx), new Settle());
            script.Add(new Unplug("b0"), new Settle(), new GetVringBase(1)).Frames(60, 300, 61).Renew();
        }
        return script.Add(new Plug("b0")).Frames(300, 301).Add(new Unplug("b0"), new Settle()).End();
    }

    private static Program Fragments()
    {
        var script = Begin("zero-copy-fragments", "a frame that lies on more pages than one can carry is copied, and its buffer used in its turn", Queued);
        int[] cuts = [.. Enumerable.Repeat(100, 30)];
        script.Add(new Plug("b0")).SendAll(script.TxFrame(300), script.TxFrame(4000, cuts), script.TxFrame(301), script.TxFrame(60)).Add(new Unplug("b0"), new Settle());
        return script.Renew().Add(new Plug("b0")).SendAll(script.TxFrame(4000, cuts), script.TxFrame(302)).Add(new Unplug("b0"), new Settle()).End();
    }

    /// <summary>A buffer that is written anew while it is on loan may show in its frame; one that was used before must not.</summary>
    private static Program Reused(string name, ulong more)
    {
        var script = Begin(name, "buffers are written anew while frames are held: only where they are on loan may the frames show it", Queued, more: more);
        foreach (var lengths in (int[][])[[300, 60, 4000, 301, 1000, 61], [4000, 302, 4000, 303], [1500, 1501, 62]])
        {
            var buffers = lengths.Select(length => Buffer(script, length, pieces: length == 4000 ? 20 : 1)).ToList();
            script.Add(new Plug("b0")).SendAll(buffers.Select(b => b.Head));
            foreach (var (_, at, length) in buffers) script.Add(new Fill(at + script.Header, length, 0xee));
            script.Add(new Unplug("b0"), new Settle()).Renew();
        }
        return script.End();
    }

    /// <summary>A frame in a buffer of its own, whose chain has so many pieces of equal length.</summary>
    private static (int Head, long At, int Length) Buffer(VhostNetScript script, int length, int pieces)
    {
        var at = script.TakeTx(script.Header + length);
        var table = VhostNetScript.Table(Ring.Tx);
        var descriptors = Enumerable.Range(0, pieces + 1).Select(_ => script.TakeDescriptor(Ring.Tx)).ToList();
        script.Add(new Fill(at, script.Header, 0), new WriteFrame(at + script.Header, length, script.NextContent()));
        script.Add(new WriteDesc(table, descriptors[0], VhostNetScript.GuestBase + (ulong)at, (uint)script.Header, DescriptorFlags.Next, descriptors[1]));
        for (var i = 0; i < pieces; i++)
        {
            var start = at + script.Header + (i * (length / pieces));
            var isLast = i == pieces - 1;
            script.Add(new WriteDesc(table, descriptors[i + 1], VhostNetScript.GuestBase + (ulong)start, (uint)(length / pieces), isLast ? DescriptorFlags.None : DescriptorFlags.Next, isLast ? 0 : descriptors[i + 2]));
        }
        return (descriptors[0], at, length);
    }

    private static VhostNetScript HalfSent(string name, string what)
    {
        var script = Begin(name, $"{what} waits for the buffers on loan", Queued).Add(new MakeBackend("b1", BackendKind.Tap, 12));
        return script.Frames(60).Add(new Plug("b0")).Frames(300, 60, 1000).Add(new Unplug("b0", Delay));
    }

    private static Program Leaving(string name, string what, Func<VhostNetScript, VhostNetScript> leave)
    {
        var script = leave(HalfSent(name, what)).Add(new Settle(), new GetVringBase(1));
        script.Add(new SetBackend(1, "b0"), new Settle(), new Plug("b0")).Frames(500, 61).Add(new Unplug("b0"), new Settle());
        return script.End();
    }

    private static Program Ending(string name, string what, Step end) => HalfSent(name, what).Add(end, new Settle()).ToProgram();
}
