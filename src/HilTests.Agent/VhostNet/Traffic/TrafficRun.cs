using HilTests.Uapi;
using HilTests.Uapi.Libc;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>Runs sustained traffic: both directions in turns, asleep where nothing is left to do until the device signals.</summary>
internal sealed class TrafficRun
{
    private const int ReceiveBuffer = 64 << 20;

    /// <summary>A sleep of this length without a signal is looked into.</summary>
    private const int SleepMilliseconds = 25;

    /// <summary>
    /// After so many such sleeps in a row, each with a flush of the worker behind it and nothing moved, the traffic is
    /// stuck: a second in which the device had nothing to do.
    /// </summary>
    private const int QuietSleeps = 40;

    /// <summary>So many lost signals are enough to know.</summary>
    private const int MostMissed = 8;

    private readonly VhostNetDevice _device;
    private readonly LaneTraffic[] _lanes;
    private readonly PollSet _poll;
    private readonly int _farSide;
    private readonly int _logFile;

    /// <param name="device">the device</param>
    /// <param name="logFile">the log's eventfd that is bound, or -1: binding it again flushes the worker</param>
    /// <param name="lanes">the directions</param>
    /// <param name="backend">the back end</param>
    public TrafficRun(VhostNetDevice device, int logFile, LaneTraffic[] lanes, Backend backend)
    {
        (_device, _logFile, _lanes, _farSide) = (device, logFile, lanes, lanes.Length);
        _poll = new PollSet([.. lanes.Select(l => l.Call.Descriptor), backend.FarSide.Descriptor]);
    }

    /// <summary>Whether the traffic stopped before its end.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Bytes that this thread's share of the heap grew by meanwhile.</summary>
    public long Allocated { get; private set; }

    /// <summary>Runs until every frame has arrived and every head is back, or nothing moves any more.</summary>
    public void Run()
    {
        foreach (var lane in _lanes) lane.Queue.Disarm();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var quiet = 0;
        while (!AllDone() && quiet < QuietSleeps && !TooManyMissed())
            quiet = Turn() || Sleep() ? 0 : quiet + 1;
        Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        IsStuck = !AllDone();
        Finish();
    }

    /// <summary>Looks for what should not come: the device is flushed until nothing moves.</summary>
    private void Finish()
    {
        foreach (var lane in _lanes) lane.Finishing = true;
        for (var quiet = 0; quiet < 2;)
        {
            var flushed = _device.SetLogFd(_logFile).Ok;
            var moved = Turn() | TakeSignals();
            if (!flushed) return;
            quiet = moved ? 0 : quiet + 1;
        }
    }

    private bool AllDone()
    {
        foreach (var lane in _lanes)
            if (!lane.Done) return false;
        return true;
    }

    private bool TooManyMissed()
    {
        foreach (var lane in _lanes)
            if (lane.Record.MissedSignals >= MostMissed) return true;
        return false;
    }

    private bool Turn()
    {
        var moved = false;
        foreach (var lane in _lanes) moved |= lane.Turn();
        return moved;
    }

    private bool TakeSignals()
    {
        var any = false;
        foreach (var lane in _lanes) any |= lane.TakeSignals();
        return any;
    }

    /// <summary>Asks for signals, looks once more, and waits.</summary>
    /// <returns>whether there is anything to do</returns>
    private bool Sleep()
    {
        var waiting = false;
        var awaitsFarSide = false;
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i].Queue.Arm();
            _poll.Watch(i, poll_h.POLLIN);
            waiting |= _lanes[i].Queue.Waiting > 0;
            awaitsFarSide |= _lanes[i].AwaitsFarSide;
        }
        _poll.Watch(_farSide, awaitsFarSide ? poll_h.POLLIN : 0);
        var woken = waiting || Wait();
        foreach (var lane in _lanes) lane.Queue.Disarm();
        return woken;
    }

    private bool Wait()
    {
        foreach (var lane in _lanes) lane.Record.Sleeps++;
        if (_poll.Wait(SleepMilliseconds) is { Value: > 0 })
        {
            TakeSignals();
            return true;
        }
        // What the worker had to do is done when the flush returns, its signals included.
        if (!_device.SetLogFd(_logFile).Ok) return false;
        var moved = false;
        foreach (var lane in _lanes)
        {
            var signalled = lane.TakeSignals();
            if (lane.Queue.Waiting > 0 && !signalled) lane.Record.MissedSignals++;
            moved |= signalled || lane.Queue.Waiting > 0;
        }
        return moved;
    }

    /// <summary>Makes room in the sockets for all that the windows allow to be under way, while the work is done.</summary>
    public static void WithRoom(Backend backend, Action work)
    {
        var far = backend.FarSide;
        far.GetReceiveBuffer(out var farBytes).OrThrow("ask for the far side's buffer");
        var nearBytes = 0;
        backend.NearSide?.GetReceiveBuffer(out nearBytes).OrThrow("ask for the back end's buffer");
        try
        {
            far.SetReceiveBuffer(ReceiveBuffer).OrThrow("make room for frames in the far side");
            backend.NearSide?.SetReceiveBuffer(ReceiveBuffer).OrThrow("make room for frames in the back end");
            work();
        }
        finally
        {
            far.SetReceiveBuffer(farBytes / 2).OrThrow("give the far side its buffer back");
            backend.NearSide?.SetReceiveBuffer(nearBytes / 2).OrThrow("give the back end its buffer back");
        }
    }
}
