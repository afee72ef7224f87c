using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Values;
using HilTests.Uapi;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>The step of sustained traffic.</summary>
internal static class TrafficExecutor
{
    /// <exception cref="AgentFailureException">the program asks for what no driver could do</exception>
    public static void Run(
        RunTraffic step, VhostNetDevice? device, int logFile, MappedMemory arena, Backend backend, RingEvents[] events, DriverSide?[] drivers, StepRecorder recorder)
    {
        if (device is null) throw new AgentFailureException("the program runs traffic on a device that is not open");
        if (!backend.HasFarSide) throw new AgentFailureException($"back end '{step.Backend}' has no far side");
        foreach (var one in events) one.Gather();
        Ring[] rings = step switch { { Tx: not null, Rx: not null } => [Ring.Rx, Ring.Tx], { Tx: not null } => [Ring.Tx], { Rx: not null } => [Ring.Rx], _ => [] };
        if (rings.Length == 0) throw new AgentFailureException("traffic needs tx={…}, rx={…} or both");
        LaneTraffic[] lanes = [.. rings.Select(r => Lane(step, r, arena, backend, events[(int)r], drivers[(int)r]))];
        var run = new TrafficRun(device, logFile, lanes, backend);
        TrafficRun.WithRoom(backend, run.Run);
        recorder.Field("stuck", Value.Symbol(run.IsStuck ? "yes" : "no"));
        for (var i = 0; i < rings.Length; i++)
        {
            var (lane, side, name) = (lanes[i], drivers[(int)rings[i]]!, rings[i] == Ring.Rx ? "rx" : "tx");
            side.Position = lane.Queue.Position;
            lane.Queue.Clear();
            var errors = events[(int)rings[i]].Error is { } file && file.Take(out var count).Ok ? (long)count : 0;
            recorder.Field(name, lane.Observe(side, errors));
            recorder.Field($"{name}-measured", lane.Record.Measured(lane.Queue));
        }
        recorder.Field("allocated-measured", run.Allocated);
    }

    private static LaneTraffic Lane(RunTraffic step, Ring ring, MappedMemory arena, Backend backend, RingEvents events, DriverSide? side)
    {
        if (side is null) throw new AgentFailureException($"the program uses the {ring} ring before driver-ring says where it lies");
        if (events is not { Kick: { } kick, Call: { } call }) throw new AgentFailureException($"traffic on the {ring} ring needs its kick and call eventfds");
        if (step.FaultOf(ring, side.Layout.Num) is { } fault) throw new AgentFailureException(fault);
        var queue = new DriverQueue(arena, step, ring, side, kick);
        return ring == Ring.Tx
            ? new TxTraffic(step, queue, call, backend.FarSide)
            : new RxTraffic(step, queue, call, backend.Sender);
    }
}
