using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about kicks and signals: suppression both ways, lost wake-ups, the weight.</summary>
internal static class VhostNetNotificationPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const int Frame = 60;

    public static IReadOnlyList<Program> All { get; } =
    [
        DriveTx("drive-tx", 0), DriveTx("drive-tx-event-idx", Feature.EventIndex), DriveTx("drive-tx-busy", 0, busy: 60), DriveTx("drive-tx-busy-event-idx", Feature.EventIndex, busy: 60),
        DriveRx("drive-rx", 0), DriveRx("drive-rx-event-idx", Feature.EventIndex), DriveRx("drive-rx-busy", 0, busy: 60), DriveRx("drive-rx-busy-event-idx", Feature.EventIndex, busy: 60),
        SleepTx("sleep-tx", 0), SleepTx("sleep-tx-event-idx", Feature.EventIndex), SleepRx("sleep-rx", 0), SleepRx("sleep-rx-event-idx", Feature.EventIndex),
        UsedEventTx("used-event-tx", 0), UsedEventTx("used-event-tx-wrap", 65530), UsedEventRx("used-event-rx", 0), UsedEventRx("used-event-rx-wrap", 65530),
        Flags(Ring.Tx), Flags(Ring.Rx),
        EmptyTx("empty-tx", 0), EmptyTx("empty-tx-event-idx", Feature.EventIndex), EmptyRx("empty-rx", 0), EmptyRx("empty-rx-event-idx", Feature.EventIndex),
        TxPackets(), TxBytes(), RxPackets(), RxBytes(),
    ];

    private static VhostNetScript Both(string name, string about, ulong features, int num = 256, int start = 0) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    private static VhostNetScript BusyPoll(this VhostNetScript script, uint microseconds) =>
        microseconds == 0 ? script : script.Add(new SetBusyloop(0, microseconds), new SetBusyloop(1, microseconds));

    private static Program DriveTx(string name, ulong more, uint busy = 0)
    {
        var script = Both(name, "a driver that kicks only where it is asked to gets every frame sent", Merged | more, num: 64, start: 65000).BusyPoll(busy);
        script.TxRange(0, 48, FrameContent.EthernetHeader);
        script.DriveRing(Ring.Tx, busy > 0 ? 1200 : 4000, 48, window: 2, hunt: true).Add(new Settle());
        script.DriveRing(Ring.Tx, 300, 48, window: 4, hunt: true).Add(new Settle());
        script.DriveRing(Ring.Tx, 200, 48).Add(new Settle());
        return script.DriveRing(Ring.Tx, 200, 48, window: 40, spin: 100).Add(new Settle()).End();
    }

    private static Program DriveRx(string name, ulong more, uint busy = 0)
    {
        var script = Both(name, "a driver that kicks only where it is asked to gets every frame that waits", Merged | more, num: 64, start: 65000).BusyPoll(busy);
        var at = script.RxRange(0, 48, 128);
        foreach (var (window, hunt) in ((int, bool)[])[(2, true), (2, true), (2, true), (2, true), (2, true), (2, true), (4, true), (1, false), (40, false)])
            script.SendMany("b0", 300, Frame).DriveRing(Ring.Rx, 300, 48, window, spin: hunt ? 0 : 100, hunt: hunt).Add(new Settle());
        return script.Add(new ReadFrames(at, 48, 128, 128)).End();
    }

    private static Program SleepTx(string name, ulong more)
    {
        var script = Both(name, "a driver that sleeps until it is signalled is woken for every used buffer", Merged | more, num: 64, start: 65000);
        script.TxRange(0, 48, Frame);
        foreach (var (window, hunt) in ((int, bool)[])[(1, true), (2, true), (40, false)])
            script.DriveRing(Ring.Tx, 400, 48, window, Waiting.Call, hunt: hunt).Add(new Settle());
        return script.End();
    }

    private static Program SleepRx(string name, ulong more)
    {
        var script = Both(name, "a driver that sleeps until it is signalled is woken for every frame", Merged | more, num: 64, start: 65000);
        script.RxRange(0, 48, 128);
        foreach (var (window, hunt) in ((int, bool)[])[(1, true), (2, true), (40, false)])
            script.SendMany("b0", 300, Frame).DriveRing(Ring.Rx, 300, 48, window, Waiting.Call, hunt: hunt).Add(new Settle());
        return script.End();
    }

    /// <summary>Every place of used_event around a batch of three, and far away on either side.</summary>
    private static IEnumerable<int> Places => [-2, -1, 0, 1, 2, 3, 4, 3, 2, 1, 0, 32767, 32768, -32768, 65535];

    private static Program UsedEventTx(string name, int start)
    {
        var script = Both(name, "a signal comes exactly when used_event is passed, wherever it lies", Merged | Feature.EventIndex, num: 64, start: start);
        script.TxRange(0, 60, Frame).Add(new OfferRange(Ring.Tx, 57, 3), new Kick(Ring.Tx), new Settle());
        var used = start + 3;
        foreach (var place in Places)
        {
            script.Add(new UsedEvent(Ring.Tx, (used + place) & 0xffff), new OfferRange(Ring.Tx, used % 19 * 3, 3), new Kick(Ring.Tx), new Settle());
            used += 3;
        }
        return script.End();
    }

    private static Program UsedEventRx(string name, int start)
    {
        var script = Both(name, "a signal comes exactly when used_event is passed, wherever it lies", Merged | Feature.EventIndex, num: 64, start: start);
        script.RxRange(0, 60, 128);
        script.Add(new OfferRange(Ring.Rx, 57, 3), new Kick(Ring.Rx), new Settle()).SendMany("b0", 3, Frame).Add(new Settle());
        var used = start + 3;
        foreach (var place in Places)
        {
            script.Add(new UsedEvent(Ring.Rx, (used + place) & 0xffff), new OfferRange(Ring.Rx, used % 19 * 3, 3), new Kick(Ring.Rx), new Settle());
            script.SendMany("b0", 3, Frame).Add(new Settle());
            used += 3;
        }
        return script.End();
    }

    private static Program Flags(Ring ring)
    {
        var name = ring == Ring.Tx ? "interrupt-flag-tx" : "interrupt-flag-rx";
        var script = Both(name, "NO_INTERRUPT silences a ring; cleared, its signals are back, and the other ring is not touched", Merged, num: 64);
        script.TxRange(0, 64, Frame);
        script.RxRange(0, 64, 128);
        foreach (var (flag, i) in ((int[])[0, 1, 1, 0, 1, 0]).Select((f, i) => (f, i)))
        {
            script.Add(new AvailFlags(ring, flag), new OfferRange(Ring.Tx, i * 8, 5), new OfferRange(Ring.Rx, i * 8, 4), new Kick(Ring.Tx), new Kick(Ring.Rx), new Settle());
            script.SendMany("b0", 4, Frame).Add(new Settle());
        }
        return script.End();
    }

    private static Program EmptyTx(string name, ulong more)
    {
        var script = Both(name, "with NOTIFY_ON_EMPTY a ring that ran empty is signalled, whatever else says", Merged | Feature.NotifyOnEmpty | more, num: 128);
        script.TxRange(0, 128, Frame).Add(new OfferRange(Ring.Tx, 0, 1), new Kick(Ring.Tx), new Settle());
        script.Add(new AvailFlags(Ring.Tx, 1), new UsedEvent(Ring.Tx, 40000));
        foreach (var count in (int[])[1, 2, 63, 64, 65, 127, 128]) script.Add(new OfferRange(Ring.Tx, 0, count), new Kick(Ring.Tx), new Settle());
        return script.Add(new AvailFlags(Ring.Tx, 0), new OfferRange(Ring.Tx, 0, 3), new Kick(Ring.Tx), new Settle()).End();
    }

    private static Program EmptyRx(string name, ulong more)
    {
        var script = Both(name, "with NOTIFY_ON_EMPTY the last buffer's use is signalled; that of others is not", Merged | Feature.NotifyOnEmpty | more, num: 128);
        script.RxRange(0, 128, 128);
        script.Add(new OfferRange(Ring.Rx, 0, 1), new Kick(Ring.Rx), new Settle()).SendMany("b0", 1, Frame).Add(new Settle());
        script.Add(new AvailFlags(Ring.Rx, 1), new UsedEvent(Ring.Rx, 40000));
        foreach (var (buffers, frames) in ((int, int)[])[(1, 1), (5, 4), (1, 1), (1, 1), (70, 70), (66, 65), (1, 2)])
            script.Add(new OfferRange(Ring.Rx, 0, buffers), new Kick(Ring.Rx), new Settle()).SendMany("b0", frames, Frame).Add(new Settle());
        return script.Add(new OfferRange(Ring.Rx, 0, 4), new Kick(Ring.Rx), new Settle()).End();
    }

    /// <summary>More than one pass sends, on one kick, with frames for the other ring meanwhile.</summary>
    private static Program TxPackets()
    {
        var script = new VhostNetScript("weight-tx-packets", "more frames than a pass may send all go after one kick, and the other ring is served")
            .Begin(Merged).SetUpFarRing(Ring.Tx, 2048).SetUpRing(Ring.Rx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        var at = VhostNetScript.FarBuffers;
        script.Add(new WriteFrames(at + script.Header, 2048, 64, 40, script.NextContents(2048)));
        script.Add(new WriteDescs(VhostNetScript.FarTable(Ring.Tx), 0, 2048, VhostNetScript.Guest(at), 64, (uint)(script.Header + 40), DescriptorFlags.None));
        script.RxRange(0, 64, 128);
        foreach (var count in (int[])[257, 512, 1222, 2048])
        {
            script.Add(new OfferRange(Ring.Rx, 0, 20), new OfferRange(Ring.Tx, 0, count), new Kick(Ring.Tx), new Kick(Ring.Rx));
            script.SendMany("b0", 20, Frame).Add(new Settle());
        }
        return script.End();
    }

    private static Program TxBytes()
    {
        var script = new VhostNetScript("weight-tx-bytes", "more than 512 KiB on one kick all go")
            .Begin(Merged).SetUpRing(Ring.Tx, 64).Attach("b0", BackendKind.Tap, Ring.Tx);
        var at = VhostNetScript.FarBuffers;
        script.Add(new WriteFrames(at + script.Header, 16, 0x10000, 65000, script.NextContents(16)));
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Tx), 0, 16, VhostNetScript.Guest(at), 0x10000, (uint)(script.Header + 65000), DescriptorFlags.None));
        foreach (var count in (int[])[8, 9, 16]) script.Add(new OfferRange(Ring.Tx, 0, count), new Kick(Ring.Tx), new Settle());
        return script.End();
    }

    private static Program RxPackets()
    {
        var script = new VhostNetScript("weight-rx-packets", "more frames than a pass may receive all arrive, and the other ring is served")
            .Begin(Merged).SetUpFarRing(Ring.Rx, 512).SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        var at = VhostNetScript.FarBuffers;
        script.Add(new WriteDescs(VhostNetScript.FarTable(Ring.Rx), 0, 512, VhostNetScript.Guest(at), 128, 128, DescriptorFlags.Write)).TxRange(0, 20, Frame);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            // The frames wait first, so that one pass meets them all.
            script.SendMany("b0", 400, Frame).Add(new Settle(), new OfferRange(Ring.Rx, 0, 400), new OfferRange(Ring.Tx, 0, 20), new Kick(Ring.Rx), new Kick(Ring.Tx), new Settle());
            script.Add(new ReadFrames(at, 400, 128, 128));
        }
        return script.End();
    }

    private static Program RxBytes()
    {
        var script = new VhostNetScript("weight-rx-bytes", "more than 512 KiB that waits arrives on one kick, over many buffers each")
            .Begin(Merged).SetUpFarRing(Ring.Rx, 512).Attach("b0", BackendKind.Tap, Ring.Rx);
        var at = VhostNetScript.FarBuffers;
        script.Add(new WriteDescs(VhostNetScript.FarTable(Ring.Rx), 0, 512, VhostNetScript.Guest(at), 2048, 2048, DescriptorFlags.Write));
        script.SendMany("b0", 15, 65000).Add(new Settle(), new OfferRange(Ring.Rx, 0, 512), new Kick(Ring.Rx), new Settle());
        return script.Add(new ReadFrames(at, 480, 2048, 2048)).End();
    }
}
