using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about much at once: batches in the log, loans beyond the end of the device's list, polls that something interrupts.</summary>
internal static class CrowdPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const int Page = 4096;
    private const int Buffers = 48;

    /// <summary>Microseconds: so long that whatever comes meanwhile interrupts the poll.</summary>
    private const uint Long = 20_000;

    public static IReadOnlyList<Program> All { get; } =
    [
        LogBatch(), LoansRound(),
        Polled("busy-rx-then-tx", Ring.Rx, 0), Polled("busy-rx-then-tx-event-idx", Ring.Rx, Feature.EventIndex), Polled("busy-tx-interrupted", Ring.Tx, 0), Polled("busy-tx-interrupted-event-idx", Ring.Tx, Feature.EventIndex),
    ];

    /// <summary>More frames than a batch of used entries holds wait when the buffers come, each buffer on a page of its own.</summary>
    private static Program LogBatch()
    {
        const int Frames = 140;
        var script = new VhostNetScript("log-batch", "of many frames received at once each has its page in the log").Begin(Merged | Feature.LogAll)
            .SetUpRing(Ring.Rx).LogTo(0).Attach("b0", BackendKind.Tap, Ring.Rx).Add(new Settle(), new ReadLog());
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Rx), 0, Frames, VhostNetScript.Guest(VhostNetScript.FarBuffers), Page, 200, DescriptorFlags.Write));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            script.SendMany("b0", Frames, 60).Add(new Settle());
            script.Add(new OfferRange(Ring.Rx, 0, Frames), new Kick(Ring.Rx), new Settle(), new ReadLog());
        }
        return script.Add(new GetVringBase(0), new Close(), new Settle()).ToProgram();
    }

    /// <summary>The device keeps a list of 1024 loans and begins at its start again: many are given back at once on either side of its end.</summary>
    private static Program LoansRound()
    {
        const int Frames = 60;
        var script = new VhostNetScript("zero-copy-round", "of more than a thousand buffers on loan, many at a time, each is given back once").Add(new LoadModule(true)).Begin(Merged)
            .SetUpRing(Ring.Tx).Attach(new MakeBackend("b0", BackendKind.Tap, 12, 0, Outlet.Queue), Ring.Tx).Add(new Settle());
        var at = script.TakeTx(512 * Frames);
        script.Add(new Fill(at, 512 * Frames, 0), new WriteFrames(at + script.Header, Frames, 512, 400, script.NextContents(Frames)));
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Tx), 0, Frames, VhostNetScript.Guest(at), 512, (uint)(script.Header + 400), DescriptorFlags.None));
        for (var round = 0; round < 36; round++)
            script.Add(new Plug("b0"), new OfferRange(Ring.Tx, 0, Frames), new Kick(Ring.Tx), new Settle(), new Unplug("b0"), new Settle());
        return script.Add(new GetVringBase(1), new Close(), new Settle()).ToProgram();
    }

    /// <summary>One ring polls busily, for long. Kicks of the sender are asked for again when that has come to its end, or was interrupted.</summary>
    private static Program Polled(string name, Ring polled, ulong more)
    {
        var suppress = more == 0 ? Suppression.Flag : Suppression.EventIdx;
        var script = new VhostNetScript(name, "a driver that kicks only where it is asked to gets every frame sent, whatever the device polled before").Begin(Merged | more)
            .SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Add(new SetBusyloop((int)polled, polled == Ring.Rx ? 500 : Long)).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        script.TxRange(0, Buffers, 60).RxRange(0, Buffers, 128);
        script.Add(new OfferRange(Ring.Rx, 0, Buffers), new Kick(Ring.Rx), new Settle());
        for (var i = 0; i < 16; i++)
        {
            script.Add(new OfferRange(Ring.Tx, 0, 1), new Kick(Ring.Tx), new Settle());
            script.SendMany("b0", 1, 60).Add(new Settle());
            script.Add(new Drive(Ring.Tx, 0, Buffers, 4, 1, suppress, Spin: 200, Seed: script.NextContent()), new Settle());
        }
        return script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();
    }
}
