using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Values;
using HilTests.Uapi.Devices;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>One direction of traffic: frames sent, frames that arrived, and what was seen of them.</summary>
internal abstract class LaneTraffic
{
    protected const int LargestFrame = 65535;

    private readonly long[] _sentAt;
    private readonly EventFd _call;

    protected LaneTraffic(RunTraffic step, Ring ring, DriverQueue queue, EventFd call, PacketSocket farSide)
    {
        (Step, Lane, Queue, FarSide, _call) = (step, step[ring]!, queue, farSide, call);
        Content = new TrafficContent(step.SeedOf(ring), Lane.Smallest, Lane.Largest);
        Ledger = new ArrivalLedger(Content, Lane.Frames);
        _sentAt = new long[Lane.Frames];
    }

    public LaneRecord Record { get; } = new();

    public DriverQueue Queue { get; }

    /// <summary>The eventfd that the device signals.</summary>
    public EventFd Call => _call;

    /// <summary>Whether everything has come about and only what should not come is looked for.</summary>
    public bool Finishing { get; set; }

    /// <summary>Whether every frame has arrived and every head is back.</summary>
    public bool Done => Ledger.Arrived == Lane.Frames && Queue.Used == Queue.Offered;

    /// <summary>Whether only the far side can move this direction on.</summary>
    public abstract bool AwaitsFarSide { get; }

    protected RunTraffic Step { get; }

    protected TrafficLane Lane { get; }

    protected PacketSocket FarSide { get; }

    protected TrafficContent Content { get; }

    protected ArrivalLedger Ledger { get; }

    /// <summary>Frames sent so far; the number of the next one.</summary>
    protected int SentCount { get; private set; }

    /// <summary>Frames sent that have not arrived.</summary>
    protected int UnderWay => SentCount - Ledger.Arrived;

    /// <summary>What is seen in this direction only.</summary>
    protected virtual (string, Value)[] MoreFields => [];

    /// <summary>Does what can be done now.</summary>
    /// <returns>whether there was anything</returns>
    public abstract bool Turn();

    /// <summary>Takes the signals that came.</summary>
    /// <returns>whether there were any</returns>
    public bool TakeSignals()
    {
        if (!_call.Take(out var count).Ok) return false;
        Record.Signals += (long)count;
        return true;
    }

    /// <summary>What was seen.</summary>
    public Value Observe(DriverSide side, long errors) => Value.Record(
    [
        ("missed-signals", Value.Of(Record.MissedSignals)),
        ("corrupt", Value.Of(Ledger.Corrupt)),
        ("repeated", Value.Of(Ledger.Repeated)),
        ("reordered", Value.Of(Ledger.Reordered)),
        ("lost", Value.Of(SentCount - Ledger.Arrived)),
        ("frames", Value.Of(Ledger.Arrived)),
        ("used", Value.Of(Queue.Used)),
        ("wrong-heads", Value.Of(Queue.WrongHeads)),
        ("wrong-lengths", Value.Of(Record.WrongLengths)),
        .. MoreFields,
        ("signals", Value.Of(Record.Signals)),
        ("errs", Value.Of(errors)),
        ("idx", Value.Of(side.DeviceIndex)),
        ("flags", Value.Of(side.DeviceFlags)),
        ("avail-event", Value.Of(side.AvailEvent)),
    ]);

    protected void NoteSent(long now)
    {
        Record.Sent(now);
        _sentAt[SentCount++] = now;
    }

    protected void NoteArrival(ReadOnlySpan<byte> frame, long now)
    {
        var arrival = Ledger.Note(frame);
        if (arrival is Arrival.InOrder or Arrival.Early or Arrival.Late) Record.Arrived(_sentAt[Ledger.LastNumber], now, frame.Length);
    }
}
