using System.Diagnostics;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Uapi.Devices;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>The direction that the device sends: the driver fills the ring, the far side receives.</summary>
internal sealed class TxTraffic : LaneTraffic
{
    /// <summary>Frames that are published at once, and received in a row.</summary>
    private const int Batch = 32;

    private readonly byte[] _received;

    public TxTraffic(RunTraffic step, DriverQueue queue, EventFd call, PacketSocket farSide)
        : base(step, Ring.Tx, queue, call, farSide) => _received = new byte[LargestFrame + 1];

    /// <inheritdoc/>
    public override bool AwaitsFarSide => Queue.Offered == Queue.Used && Ledger.Arrived < SentCount;

    /// <inheritdoc/>
    public override bool Turn()
    {
        var moved = Fill();
        moved |= Reap();
        return Receive() || moved;
    }

    private bool Fill()
    {
        var batch = 0;
        for (; batch < Batch && SentCount < Lane.Frames && Queue.Free > 0 && UnderWay < Lane.Window; batch++)
        {
            var slot = Queue.Take();
            var length = Step.Header + Content.LengthOf(SentCount);
            var buffer = Queue.Buffer(slot, length);
            buffer[..Step.Header].Clear();
            Content.Write(SentCount, buffer[Step.Header..]);
            Queue.Add(slot, length);
            NoteSent(Stopwatch.GetTimestamp());
        }
        Queue.Publish();
        return batch > 0;
    }

    private bool Reap()
    {
        var waiting = Queue.Waiting;
        for (var i = 0; i < waiting; i++)
        {
            if (Queue.Peek(0).Length != 0) Record.WrongLengths++;
            Queue.Recycle();
        }
        return waiting > 0;
    }

    private bool Receive()
    {
        for (var batch = 0; batch < Batch; batch++)
        {
            // While nothing is under way there is nothing to ask for; what comes all the same is found at the end.
            if (UnderWay == 0 && !Finishing) return batch > 0;
            var frame = FarSide.Receive(_received, 0, out _);
            if (!frame.Ok) return batch > 0;
            NoteArrival(_received.AsSpan(0, (int)frame.Value), Stopwatch.GetTimestamp());
        }
        return true;
    }
}
