using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about the dirty log.</summary>
internal static class LogPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;

    public static IReadOnlyList<Program> All { get; } =
    [
        Traffic("log-traffic", Merged, BackendKind.Tap),
        Traffic("log-event-idx", Merged | Feature.EventIndex, BackendKind.Tap),
        Traffic("log-unmerged", Feature.Version1 | Feature.VhostSuppliesHeader, BackendKind.Packet),
        Own("log-own", Merged), Own("log-own-event-idx", Merged | Feature.EventIndex),
        PayloadOnly(), RingOnly(), Racing(),
        Switched("log-payload-switched", (script, round) => script.LogPayload(round % 2 == 1)),
        Switched("log-ring-switched", (script, round) => script.LogRing(Ring.Tx, on: round % 2 == 1)),
        Switched("log-moved", (script, round) => script.LogTo((round + 1) * 0x101)),
        Wrap(), Regions(), EventFile(), Errors(), Refused(), Elsewhere(),
    ];

    private static VhostNetScript Both(string name, string about, ulong features, BackendKind kind = BackendKind.Tap, int num = VhostNetScript.LogNum) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num).SetUpRing(Ring.Tx, num).LogTo(0)
            .Add(new SetLogFd(FileChoice.Event)).LogRing(Ring.Rx).LogRing(Ring.Tx).Attach("b0", kind, Ring.Rx, Ring.Tx);

    private static VhostNetScript Look(this VhostNetScript script) => script.Add(new Settle(), new ReadLog());

    private static VhostNetScript Receive(this VhostNetScript script, params ReadOnlySpan<int> lengths)
    {
        foreach (var length in lengths) script.Add(new Send("b0", length, script.NextContent()));
        return script;
    }

    private static VhostNetScript OfferBuffers(this VhostNetScript script, params ReadOnlySpan<int> sizes)
    {
        var heads = ImmutableArray.CreateBuilder<int>();
        foreach (var size in sizes) heads.Add(script.RxBuffer(size, size > 2000 ? [7, 1200] : null).Head);
        return script.Add(new Offer(Ring.Rx, heads.ToImmutable()), new Kick(Ring.Rx));
    }

    private static Program End(this VhostNetScript script) => script.Add(new Close(), new Settle(), new ReadLog(), new ReadLog()).ToProgram();

    private static Program Traffic(string name, ulong features, BackendKind kind)
    {
        var script = Both(name, "every page that the device writes is in the log: frames, used entries, index, and its own fields", features | Feature.LogAll, kind);
        script.Look().Look();
        script.Transmit(script.TxFrame(60)).Look().Look();
        script.Transmit(script.TxFrame(60), script.TxFrame(61)).Look();
        // Nothing to take: only the device's own field is written.
        script.Add(new Kick(Ring.Tx)).Look();
        script.OfferBuffers(9000, 5000, 3000).Look().Receive(1500).Look().Receive(60, 2900).Look();
        // A frame without a buffer: the device asks for a kick, and writes that.
        script.Receive(100).Look().OfferBuffers(200).Look();
        script.OfferBuffers(8000, 8000).Receive(7000, 60).Look();
        return script.End();
    }

    private static Program Own(string name, ulong features)
    {
        var script = Both(name, "what the device writes of its own, and nothing else, is in the log while it finds nothing to do", features).Look().Look();
        script.Transmit(script.TxFrame(60)).Look().Add(new Kick(Ring.Tx)).Look().Receive(60).Look();
        return script.Add(new Kick(Ring.Rx), new Kick(Ring.Tx)).Look().ToProgram();
    }

    private static Program PayloadOnly()
    {
        var script = Both("log-payload", "with LOG_ALL alone only frames are logged, each buffer by what was written to it", Merged | Feature.LogAll);
        script.LogRing(Ring.Rx, on: false).LogRing(Ring.Tx, on: false).Look();
        script.Transmit(script.TxFrame(60)).Look();
        script.OfferBuffers(4096, 4096, 4096, 4096, 4096).Receive(4084).Look().Receive(4085).Look().Receive(60).Look().Receive(60).Look();
        return script.End();
    }

    private static Program RingOnly()
    {
        var script = Both("log-ring", "with the ring's flag alone only the used ring is logged", Merged).Look();
        script.LogRing(Ring.Tx, on: false).OfferBuffers(5000, 5000).Receive(60).Look();
        script.Transmit(script.TxFrame(60)).Look();
        script.LogRing(Ring.Tx).LogRing(Ring.Rx, on: false).Transmit(script.TxFrame(60)).Receive(60).Look();
        return script.End();
    }

    /// <summary>One thing about the log changes between two kicks, three times.</summary>
    private static Program Switched(string name, Action<VhostNetScript, int> change)
    {
        var script = Both(name, "the log is switched on and off, or moved, while traffic runs", Merged | Feature.LogAll).Look();
        for (var round = 0; round < 3; round++)
        {
            var (before, after) = (script.TxFrame(60), script.TxFrame(61));
            script.OfferBuffers(2100, 2100).Look().Transmit(before).Receive(2000);
            change(script, round);
            script.Transmit(after).Receive(60).Look();
        }
        script.Add(new SetBackend(1, "none"), new SetBackend(0, "none"), new Settle(), new SetBackend(0, "b0"), new SetBackend(1, "b0")).Look();
        return script.End();
    }

    private static Program Racing()
    {
        var script = Both("log-racing", "a log that is taken while traffic runs loses no page", Merged | Feature.LogAll).Look();
        for (var round = 0; round < 3; round++)
        {
            script.OfferBuffers(3000, 3000).Receive(2500).Add(new ReadLog()).Transmit(script.TxFrame(60), script.TxFrame(61)).Add(new ReadLog());
            script.Receive(2600).Add(new ReadLog()).Look();
        }
        return script.End();
    }

    private static Program Wrap()
    {
        const int Num = 8;
        // Half of the entries on one page, half on the next.
        const ulong Address = VhostNetScript.GuestBase + 0x400000 + 4096 - 4 - (8 * 4);
        var script = Both("log-wrap", "used entries are logged by their slot, also where the used ring wraps", Merged, num: Num);
        script.LogRing(Ring.Tx, address: Address).Look();
        for (var i = 0; i < 6; i++) script.Transmit(script.TxFrame(60)).Look();
        script.Transmit(script.TxFrame(60), script.TxFrame(61), script.TxFrame(62)).Look();
        script.Transmit(Enumerable.Range(0, Num).Select(i => script.TxFrame(60 + i)).ToList()).Look();
        return script.End();
    }

    /// <summary>Guest addresses that lie elsewhere than offsets do, and a buffer that goes from one region to the next.</summary>
    private static Program Regions()
    {
        const ulong Guest = 0x1234_5000;
        const ulong Length = 0x8765;
        var script = Both("log-regions", "pages are logged by their guest address, also across two regions of memory", Merged | Feature.LogAll);
        script.Add(new SetMemTable([new(Guest, Length, 0x40123), new(Guest + Length, 0x8000, 0x20007)])).Look();
        var table = VhostNetScript.Table(Ring.Rx);
        script.Add(new WriteDesc(table, 0, Guest + Length - 5000, 9000, DescriptorFlags.Write), new WriteDesc(table, 1, Guest + 0xfff, 13, DescriptorFlags.Write | DescriptorFlags.Next, 2));
        script.Add(new WriteDesc(table, 2, Guest + Length - 1, 4098, DescriptorFlags.Write));
        script.Add(new Offer(Ring.Rx, [0, 1]), new Kick(Ring.Rx)).Receive(8000).Look().Receive(4000).Look();
        return script.End();
    }

    private static Program EventFile()
    {
        var script = Both("log-eventfd", "the log's eventfd is signalled when something was logged, and not while none is bound or nothing is logged", Merged).Look();
        script.Transmit(script.TxFrame(60)).Look().Add(new SetLogFd(FileChoice.Closed), new SetLogFd(FileChoice.File)).Transmit(script.TxFrame(60)).Look();
        script.Add(new SetLogFd(FileChoice.None)).Transmit(script.TxFrame(60)).Look();
        script.Add(new SetLogFd(FileChoice.Event)).Transmit(script.TxFrame(60)).Look();
        script.LogRing(Ring.Rx, on: false).LogRing(Ring.Tx, on: false).Transmit(script.TxFrame(60)).Look();
        script.OfferBuffers(100).Receive(60).Look().LogPayload().OfferBuffers(100).Receive(60).Look();
        return script.Add(new ResetOwner()).Look().End();
    }

    private static Program Errors() => new VhostNetScript("log-errors", "every refusal of the calls about the log")
        .Add(new SetLogBase(LogPlace.Area), new SetLogFd(FileChoice.None), new Open(), new SetLogBase(LogPlace.Area), new SetLogFd(FileChoice.Event))
        .Add(new SetOwner(), new SetLogFd(FileChoice.Closed), new SetLogFd(FileChoice.File), new SetLogFd(FileChoice.Event), new SetLogFd(FileChoice.None))
        .Add(new SetLogBase(LogPlace.Area), new SetLogBase(LogPlace.Area, 7), new SetLogBase(LogPlace.Unmapped), new SetLogBase(LogPlace.Kernel))
        .Add(new SetFeatures(Feature.LogAll), new SetVringAddr(0, new(0x1000), new(0x3000), new(0x4000), Flags: 1, Log: 0x1002))
        .Add(new SetVringAddr(0, new(0x1000), new(0x3000), new(0x4000), Flags: 3), new SetVringAddr(0, new(0x1000), new(0x3000), new(0x4000), Flags: 1, Log: 0x1004))
        .Add(new SetVringAddr(1, new(0x1000), new(0x3000), new(0x4000), Flags: 0, Log: 6), new ReadLog(), new Close()).ToProgram();

    /// <summary>A log in the kernel's half of the addresses, met by every call that looks.</summary>
    private static Program Refused()
    {
        var kernel = new SetLogBase(LogPlace.Kernel);
        var script = new VhostNetScript("log-refused", "a log outside the process's addresses is refused as soon as an attached ring would use it").Begin(Merged);
        script.SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Add(kernel).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        script.LogPayload().Add(new SetFeatures(Merged)).LogRing(Ring.Tx).LogRing(Ring.Rx, on: false).LogTo(0).LogRing(Ring.Tx).Add(kernel).Look();
        script.Transmit(script.TxFrame(60)).Look().Add(new SetBackend(0, "none"), kernel).LogPayload().Add(kernel, new SetBackend(0, "b0"), new SetBackend(0, "none"));
        script.Add(new SetFeatures(Merged), new SetBackend(0, "b0"), new SetFeatures(Merged | Feature.LogAll), new SetMemTable([]), new SetFeatures(Merged | Feature.LogAll), kernel);
        script.Add(new SetMemTable([new(VhostNetScript.GuestBase, VhostNetArena.Size, 0)])).Look();
        return script.Add(new SetBackend(1, "none"), kernel, new SetBackend(1, "b0"), new SetBackend(1, "none")).Look().End();
    }

    private static Program Elsewhere()
    {
        var script = Both("log-elsewhere", "a log where nothing is mapped takes no bit and stops no traffic", Merged | Feature.LogAll);
        script.Look().Add(new SetLogBase(LogPlace.Unmapped)).Transmit(script.TxFrame(60)).OfferBuffers(5000).Receive(60).Look();
        return script.LogTo(0x8000).Transmit(script.TxFrame(60)).OfferBuffers(5000).Receive(60).Look().End();
    }
}
