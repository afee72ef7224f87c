using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Sustained traffic on the fake device: one frame after the other, each looked at before the next is sent.</summary>
internal sealed class FakeTraffic(byte[] memory, FakeRing[] rings, FakeWorker worker, FakeBackend backend, RunTraffic step)
{
    public List<(string, Value)> Run()
    {
        var fields = new List<(string, Value)> { ("stuck", Value.Symbol("no")) };
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
        {
            if (step[ring] is not { } lane) continue;
            rings[(int)ring].Report();
            var frames = new ArrivalLedger(Content(ring), lane.Frames);
            var (signals, used) = (0L, 0L);
            for (var number = 0; number < lane.Frames; number++)
            {
                Arm(rings[(int)ring]);
                if (ring == Ring.Tx) Send(lane, number);
                else Offer(lane, number);
                var seen = (RecordValue)rings[(int)ring].Report();
                signals += ((NumberValue)seen["calls"]!).Number;
                used += ((ListValue)seen["used"]!).Items.Length;
                if (ring == Ring.Rx) frames.Note(Gather(lane, (ListValue)seen["used"]!));
                else if (backend.Wire is [var sent] && sent.Equals(ContentValue.Of(Frame(Ring.Tx, number)))) frames.Note(Frame(Ring.Tx, number));
                backend.Wire.Clear();
            }
            Clear(rings[(int)ring].Driver!, lane);
            fields.Add((ring == Ring.Rx ? "rx" : "tx", Result(ring, rings[(int)ring], lane, frames, used, signals)));
            fields.Add((ring == Ring.Rx ? "rx-measured" : "tx-measured", Value.Record(("us", Value.Of(1000)))));
        }
        return fields;
    }

    private static Value Result(Ring direction, FakeRing ring, TrafficLane lane, ArrivalLedger frames, long used, long signals)
    {
        var driver = ring.Driver!;
        (string, Value)[] received = direction == Ring.Rx ? [("wrong-headers", Value.Of(0)), ("torn", Value.Of(0))] : [];
        return Value.Record(
        [
            ("missed-signals", Value.Of(signals > 0 ? 0 : 1)), ("corrupt", Value.Of(frames.Corrupt)), ("repeated", Value.Of(frames.Repeated)),
            ("reordered", Value.Of(frames.Reordered)), ("lost", Value.Of(lane.Frames - frames.Arrived)), ("frames", Value.Of(frames.Arrived)), ("used", Value.Of(used)),
            ("wrong-heads", Value.Of(0)), ("wrong-lengths", Value.Of(0)), .. received,
            ("signals", Value.Of(signals)), ("errs", Value.Of(0)), ("idx", Value.Of(ring.Load((int)driver.Used + 2))),
            ("flags", Value.Of(ring.Load((int)driver.Used))), ("avail-event", Value.Of(ring.Load((int)driver.Used + 4 + (8 * driver.Num)))),
        ]);
    }

    private TrafficContent Content(Ring ring) => new(step.SeedOf(ring), step[ring]!.Smallest, step[ring]!.Largest);

    private byte[] Frame(Ring ring, int number)
    {
        var content = Content(ring);
        var frame = new byte[content.LengthOf(number)];
        content.Write(number, frame);
        return frame;
    }

    private void Arm(FakeRing ring)
    {
        if (step.EventIndex) ring.Store((int)ring.Driver!.Avail + 4 + (2 * ring.Driver.Num), ring.Load((int)ring.Driver.Used + 2));
    }

    private void Send(TrafficLane lane, int number)
    {
        var frame = Frame(Ring.Tx, number);
        memory.AsSpan((int)lane.At, step.Header).Clear();
        frame.CopyTo(memory, lane.At + step.Header);
        Describe(rings[1], 0, lane.At, step.Header + frame.Length, 0);
        rings[1].Offer([0]);
        worker.Send(rings[1]);
    }

    private void Offer(TrafficLane lane, int number)
    {
        var buffers = step.BuffersOf(Ring.Rx, number);
        for (var i = 0; i < buffers; i++) Describe(rings[0], i, lane.BufferAt(i), lane.BufferBytes, 2);
        rings[0].Offer(Enumerable.Range(0, buffers));
        backend.Incoming.Enqueue(Frame(Ring.Rx, number));
        worker.Receive(rings[0]);
    }

    private byte[] Gather(TrafficLane lane, ListValue used) =>
        [.. used.Items.Cast<RecordValue>().SelectMany(e => memory.AsSpan((int)lane.BufferAt((int)Number(e, "id")), (int)Number(e, "len")).ToArray()).Skip(step.Header)];

    private static long Number(RecordValue record, string field) => ((NumberValue)record[field]!).Number;

    private void Describe(FakeRing ring, int index, long at, int length, ushort flags)
    {
        var cell = memory.AsSpan((int)ring.Driver!.Desc + (16 * index), 16);
        BitConverter.TryWriteBytes(cell, step.Guest + (ulong)at);
        BitConverter.TryWriteBytes(cell[8..], length);
        BitConverter.TryWriteBytes(cell[12..], flags);
        BitConverter.TryWriteBytes(cell[14..], (ushort)0);
    }

    private void Clear(DriverRing driver, TrafficLane lane)
    {
        memory.AsSpan((int)lane.At, (int)lane.Room).Clear();
        memory.AsSpan((int)driver.Desc, 16 * driver.Num).Clear();
        memory.AsSpan((int)driver.Avail + 4, 2 * driver.Num).Clear();
        if (step.EventIndex) memory.AsSpan((int)driver.Used + 2, 2).CopyTo(memory.AsSpan((int)driver.Avail + 4 + (2 * driver.Num)));
    }
}
