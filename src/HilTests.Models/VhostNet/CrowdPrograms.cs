using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about much at once in the log, and about a sender beside a receiver that polls.</summary>
internal static class CrowdPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const int Page = 4096;
    private const int Buffers = 48;

    public static IReadOnlyList<Program> All { get; } =
    [
        LogBatch(), Polled("busy-rx-then-tx", 0), Polled("busy-rx-then-tx-event-idx", Feature.EventIndex),
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

    /// <summary>The receiver polls busily, and the sender's ring with its own. Kicks of the sender are asked for again when that has come to its end.</summary>
    private static Program Polled(string name, ulong more)
    {
        var suppress = more == 0 ? Suppression.Flag : Suppression.EventIdx;
        var script = new VhostNetScript(name, "a driver that kicks only where it is asked to gets every frame sent, whatever the device polled before").Begin(Merged | more)
            .SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Add(new SetBusyloop(0, 500)).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
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
