using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about back ends: what a tap is set to, full ones, swapped ones, removed ones.</summary>
internal static class LinkPrograms
{
    private const ulong Plain = Feature.Version1;
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const ulong OwnHeader = Feature.VhostSuppliesHeader;

    /// <summary>A send buffer that holds all that these programs send, but has a limit.</summary>
    private const int Roomy = 1 << 24;

    public static IReadOnlyList<Program> All { get; } =
    [
        Shapes("tx-limited", "a tap with a limited send buffer takes frame by frame", Merged, new("b0", BackendKind.Tap, 12, Roomy)),
        Shapes("tx-headerless", "a tap without a header, and a device that supplies it", Merged | OwnHeader, new("b0", BackendKind.Tap, 0, Roomy)),
        Shapes("macvtap", "a macvtap sends and receives as a tap does", Merged, new("b0", BackendKind.Macvtap, 12)),
        Shapes("macvtap-limited", "a macvtap with a limited send buffer takes frame by frame", Merged, new("b0", BackendKind.Macvtap, 12, Roomy)),
        Shapes("macvtap-legacy", "a macvtap with the short header", 0, new("b0", BackendKind.Macvtap, 10)),
        Shapes("macvtap-headerless", "a macvtap without a header, and a device that supplies it", Merged | OwnHeader, new("b0", BackendKind.Macvtap, 0, Roomy)),
        Misfit("misfit-short", "a tap whose header is shorter than the negotiated one", new("b0", BackendKind.Tap, 10)),
        Misfit("misfit-short-limited", "the same with a limited send buffer: two bytes of the header leave with the frame", new("b0", BackendKind.Tap, 10, Roomy)),
        Misfit("misfit-none-limited", "a tap without a header, and a device that expects one: the header leaves as part of the frame", new("b0", BackendKind.Tap, 0, Roomy)),
        Misfit("misfit-packet", "a packet socket, and a device that expects it to have a header", new("b0", BackendKind.Packet)),
        Misfit("misfit-macvtap", "a macvtap whose header is shorter than the negotiated one", new("b0", BackendKind.Macvtap, 10, Roomy)),
        Short(), ShortLimited(), Headers("tx-headers", 0), Headers("tx-headers-limited", Roomy), TooLong(),
        Removed("tap-removed", 0), Removed("tap-removed-limited", Roomy), SameTwice(), TwoRingsApart(), SwapInFlight(),
    ];

    private static VhostNetScript Begin(string name, string about, ulong features, MakeBackend backend) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Attach(backend, Ring.Rx, Ring.Tx);

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    private static Program Shapes(string name, string about, ulong features, MakeBackend backend)
    {
        var script = Begin(name, about, features, backend);
        script.SendAll(script.TxFrame(60)).SendAll(script.TxFrame(14), script.TxFrame(1514, [1]), script.TxFrame(300, [5, 100, 7]), script.TxFrame(9000, [4096, 4096]));
        script.SendAll(script.TxFrame(61), script.TxFrame(13), script.TxFrame(62));
        script.SendAll(Enumerable.Range(0, 70).Select(i => script.TxFrame(60 + i)).ToList());
        var buffers = Enumerable.Range(0, 3).Select(_ => script.RxBuffer(1600)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx));
        foreach (var length in (int[])[14, 60, 1514]) script.Add(new Send("b0", length, script.NextContent()));
        script.Add(new Settle());
        foreach (var (_, at) in buffers) script.ReadBuffer(at, 1600, withHeader: true);
        return script.End();
    }

    private static Program Misfit(string name, string about, MakeBackend backend)
    {
        var script = Begin(name, about + "; what it receives is dropped", Merged, backend);
        script.SendAll(script.TxFrame(60)).SendAll(script.TxFrame(1000, [12]), script.TxFrame(61), script.TxFrame(5000));
        var (head, at) = script.RxBuffer(300);
        script.Add(new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Send("b0", 100, script.NextContent()), new Settle(), new GetVringBase(0));
        script.ReadBuffer(at, 300, withHeader: false);
        script.Add(new Send("b0", 200, script.NextContent()), new Settle(), new GetVringBase(0)).ReadBuffer(at, 300, withHeader: false);
        return script.End();
    }

    /// <summary>One descriptor for so many bytes of a buffer that holds a header and a frame.</summary>
    private static (int Head, long At) Buffer(VhostNetScript script, int length)
    {
        var head = script.TakeDescriptor(Ring.Tx);
        var at = script.TakeTx(128);
        script.Add(new Fill(at, script.Header, 0), new WriteFrame(at + script.Header, 100, script.NextContent()), Descriptor(head, at, length));
        return (head, at);
    }

    private static WriteDesc Descriptor(int head, long at, int length) =>
        new(VhostNetScript.Table(Ring.Tx), head, VhostNetScript.GuestBase + (ulong)at, (uint)length, DescriptorFlags.None);

    private static Program Short()
    {
        var script = Begin("tx-short", "a buffer shorter than the header blocks the ring until it is mended; then no kick is needed", Merged, new("b0", BackendKind.Tap, 12));
        var (head, at) = Buffer(script, 11);
        script.SendAll(script.TxFrame(60), head, script.TxFrame(61)).Add(new GetVringBase(1), new Kick(Ring.Tx), new Settle());
        script.Add(new Offer(Ring.Tx, [script.TxFrame(62)]), new Settle(), new GetVringBase(1));
        script.Add(Descriptor(head, at, 112), new Settle(), new GetVringBase(1)).SendAll(script.TxFrame(63));
        var (next, place) = Buffer(script, 1);
        script.SendAll(next).Add(new SetBackend(1, "none"), new Settle(), Descriptor(next, place, 80), new SetBackend(1, "b0"), new Kick(Ring.Tx), new Settle());
        return script.End();
    }

    private static Program ShortLimited()
    {
        var script = Begin("tx-short-limited", "a buffer shorter than the header, to a tap with a limited send buffer, is used and does not leave", Merged, new("b0", BackendKind.Tap, 12, Roomy));
        foreach (var length in (int[])[1, 11, 12, 25]) script.SendAll(script.TxFrame(60), Buffer(script, length).Head, script.TxFrame(61));
        return script.End();
    }

    /// <summary>Headers that ask for what cannot be are used all the same, and do not leave; a checksum that can be is left to others.</summary>
    private static Program Headers(string name, int sendBuffer)
    {
        var script = Begin(name, "headers that ask for what cannot be: the frame is used and does not leave", Merged, new("b0", BackendKind.Tap, 12, sendBuffer));
        byte[][] headers =
        [
            [0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0x80, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0], [0, 6, 54, 0, 100, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, 40, 0, 0, 0, 34, 0, 4, 0, 0, 0], [1, 0, 0, 0, 0, 0, 98, 0, 0, 0, 0, 0], [1, 0, 120, 0, 0, 0, 110, 0, 6, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 98, 0, 8, 0, 0, 0],
        ];
        foreach (var header in headers)
        {
            var (head, at) = Buffer(script, 112);
            script.Add(new WriteBytes(at, [.. header])).SendAll(script.TxFrame(60), head, script.TxFrame(61));
        }
        if (sendBuffer > 0) return script.End();
        // A checksum that ends behind the buffer is not even tried with the tap; mended, it goes.
        var (last, place) = Buffer(script, 112);
        script.Add(new WriteBytes(place, [1, 0, 0, 0, 0, 0, 200, 0])).SendAll(last).Add(new WriteBytes(place, [0]), new Settle());
        return script.End();
    }

    private static Program TooLong()
    {
        var script = Begin("tx-too-long", "a frame longer than a packet socket takes is used and does not leave", Merged | OwnHeader, new("b0", BackendKind.Packet));
        script.SendAll(script.TxFrame(65535)).SendAll(script.TxFrame(60), script.TxFrame(65536), script.TxFrame(61)).SendAll(script.TxFrame(70000, [40000]));
        return script.End();
    }

    private static Program Removed(string name, int sendBuffer)
    {
        var script = Begin(name, "a tap whose interface is removed: a batch takes its buffers with it, single frames are used", Merged, new("b0", BackendKind.Tap, 12, sendBuffer));
        script.Add(new MakeBackend("b1", BackendKind.Tap, 12, sendBuffer)).SendAll(script.TxFrame(60), script.TxFrame(61));
        script.Add(new RemoveInterface("b0"), new Settle()).SendAll(script.TxFrame(62), script.TxFrame(63)).Add(new GetVringBase(1));
        script.SendAll(Enumerable.Range(0, 66).Select(i => script.TxFrame(60 + i)).ToList()).Add(new GetVringBase(1));
        script.Add(new SetBackend(1, "none"), new SetBackend(1, "b0"), new SetBackend(1, "b1")).SendAll(script.TxFrame(64));
        script.Add(new SetBackend(1, "b0")).SendAll(script.TxFrame(65));
        return script.End();
    }

    private static Program SameTwice()
    {
        var script = Begin("backend-twice", "the same back end on both rings, set again and again, and handed from ring to ring", Merged, new("b0", BackendKind.Tap, 12));
        foreach (var _ in Enumerable.Range(0, 3))
        {
            script.Add(new Offer(Ring.Tx, [script.TxFrame(60), script.TxFrame(61)]), new Kick(Ring.Tx), new SetBackend(1, "b0"), new SetBackend(0, "b0"), new Settle());
            script.Add(new SetBackend(0, "none")).SendAll(script.TxFrame(62)).Add(new SetBackend(0, "b0"));
        }
        var (head, at) = script.RxBuffer(200);
        script.Add(new Offer(Ring.Rx, [head]), new Send("b0", 100, script.NextContent()), new Settle()).ReadBuffer(at, 200, withHeader: true);
        return script.End();
    }

    private static Program TwoRingsApart()
    {
        var script = new VhostNetScript("backends-apart", "each ring has a back end of its own; frames stay with theirs").Begin(Merged | OwnHeader).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx);
        script.Attach(new("b0", BackendKind.Tap, 0, Roomy), Ring.Rx).Attach(new("b1", BackendKind.Packet), Ring.Tx);
        var buffers = Enumerable.Range(0, 3).Select(_ => script.RxBuffer(200)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx));
        foreach (var name in (string[])["b0", "b1", "b0"]) script.Add(new Send(name, 100, script.NextContent()));
        script.SendAll(script.TxFrame(60), script.TxFrame(61));
        script.Add(new SetBackend(0, "b1"), new Settle(), new SetBackend(1, "b0")).SendAll(script.TxFrame(62));
        foreach (var (_, at) in buffers) script.ReadBuffer(at, 200, withHeader: true);
        return script.End();
    }

    private static Program SwapInFlight()
    {
        var script = new VhostNetScript("swap-in-flight", "back ends swapped under traffic: tap, packet socket, macvtap, tap; each frame leaves through one of them, once")
            .Begin(Merged | OwnHeader).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx);
        script.Attach(new("b0", BackendKind.Tap, 0, Roomy), Ring.Rx, Ring.Tx).Add(new MakeBackend("b1", BackendKind.Packet), new MakeBackend("b2", BackendKind.Macvtap, 0, Roomy));
        foreach (var name in (string[])["b1", "b2", "b0", "b1"])
        {
            var heads = Enumerable.Range(0, 12).Select(i => script.TxFrame(60 + i)).ToList();
            script.Add(new Offer(Ring.Tx, [.. heads]), new Kick(Ring.Tx), new SetBackend(1, name), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        }
        return script.End();
    }
}
