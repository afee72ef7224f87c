using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about back ends that run full and have room again.</summary>
internal static class PressurePrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const ulong OwnHeader = Feature.VhostSuppliesHeader;

    private static MakeBackend SmallTap { get; } = new("b0", BackendKind.Tap, 12, 20_000, Outlet.Queue);

    private static MakeBackend SmallPacket { get; } = new("b0", BackendKind.Packet, SendBuffer: 8192);

    public static IReadOnlyList<Program> All { get; } =
    [
        Full("full-packet", "a packet socket", Merged | OwnHeader, SmallPacket),
        Full("full-packet-event-idx", "a packet socket, with EVENT_IDX,", Merged | OwnHeader | Feature.EventIndex, SmallPacket),
        Full("full-tap", "a tap", Merged, SmallTap),
        Full("full-tap-headerless", "a tap without a header", Merged | OwnHeader, SmallTap with { Header = 0 }),
        Full("full-macvtap", "a macvtap", Merged, new("b0", BackendKind.Macvtap, 12, 20_000)),
        Held(), LargeFrames(), Detach(), Swap(), Tight(),
    ];

    private static VhostNetScript Begin(string name, string about, ulong features, MakeBackend backend, int num = 256, int start = 0) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start).Attach(backend, Ring.Rx, Ring.Tx);

    private static VhostNetScript Frames(this VhostNetScript script, int count, int length = 60) =>
        script.SendAll(Enumerable.Range(0, count).Select(i => script.TxFrame(length + i)).ToList());

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    /// <summary>Twice, so that what was learnt the first time does no harm the second.</summary>
    private static Program Full(string name, string what, ulong features, MakeBackend backend)
    {
        var script = Begin(name, $"{what} that is full gets nothing more until it has room; then all goes, once and in order", features, backend);
        script.Frames(3).Add(new Plug("b0")).Frames(48).Add(new GetVringBase(1), new Kick(Ring.Tx), new Settle(), new Settle(), new GetVringBase(1));
        script.Add(new Unplug("b0"), new Settle(), new GetVringBase(1)).Frames(3);
        script.Add(new Plug("b0")).Frames(40, 200).Add(new Offer(Ring.Tx, [script.TxFrame(70), script.TxFrame(71)]), new Settle());
        return script.Add(new Unplug("b0"), new Settle(), new GetVringBase(1)).Frames(2).End();
    }

    private static Program Held()
    {
        var script = Begin("held-unlimited", "a tap without a limit takes everything, however long it is held; it leaves in order", Merged, new("b0", BackendKind.Tap, 12, 0, Outlet.Queue));
        script.Frames(2).Add(new Plug("b0")).Frames(100).Frames(3, 2000).Add(new GetVringBase(1), new Unplug("b0"), new Settle());
        return script.Frames(70).End();
    }

    private static Program LargeFrames()
    {
        var script = Begin("full-large", "frames larger than the whole send buffer go one at a time", Merged | OwnHeader, SmallPacket);
        script.Add(new Plug("b0")).SendAll(script.TxFrame(30_000), script.TxFrame(60), script.TxFrame(40_000, [4000, 20_000])).Add(new GetVringBase(1));
        script.Add(new Unplug("b0"), new Settle(), new Plug("b0")).SendAll(script.TxFrame(61), script.TxFrame(50_000), script.TxFrame(62));
        return script.Add(new Unplug("b0"), new Settle()).End();
    }

    private static Program Detach()
    {
        var script = Begin("full-detach", "a full back end is detached and attached again: what was not taken goes when it has room", Merged, SmallTap);
        script.Add(new Plug("b0")).Frames(40).Add(new SetBackend(1, "none"), new Settle(), new GetVringBase(1), new Kick(Ring.Tx), new Settle());
        script.Add(new SetBackend(1, "b0"), new Settle(), new Kick(Ring.Tx), new Settle(), new GetVringBase(1), new Unplug("b0"), new Settle(), new GetVringBase(1));
        script.Add(new Plug("b0")).Frames(40).Add(new SetBackend(1, "none"), new Unplug("b0"), new Settle(), new SetBackend(1, "b0"), new Kick(Ring.Tx), new Settle());
        return script.End();
    }

    private static Program Swap()
    {
        var script = Begin("full-swap", "a full back end is replaced: the rest leaves through the new one, and what the old one holds through the old", Merged | OwnHeader, SmallPacket);
        script.Add(new MakeBackend("b1", BackendKind.Tap, 0, 1 << 24), new Plug("b0")).Frames(40);
        script.Add(new SetBackend(1, "b1"), new Kick(Ring.Tx), new Settle(), new GetVringBase(1), new Unplug("b0"), new Settle()).Frames(2);
        script.Add(new Plug("b0"), new SetBackend(1, "b0")).Frames(40).Add(new SetBackend(1, "b1"), new SetBackend(1, "b0"), new Settle(), new Unplug("b0"), new Settle());
        return script.End();
    }

    private static Program Tight()
    {
        var script = Begin("full-wrap", "a small ring whose indices wrap while the back end is full", Merged | OwnHeader, SmallPacket, num: 16, start: 65530);
        script.Add(new Plug("b0"));
        foreach (var _ in Enumerable.Range(0, 2)) script.Frames(8, 1000);
        return script.Add(new Unplug("b0"), new Settle()).Frames(16).Add(new Plug("b0")).Frames(16, 2000).Add(new Unplug("b0"), new Settle()).End();
    }
}
