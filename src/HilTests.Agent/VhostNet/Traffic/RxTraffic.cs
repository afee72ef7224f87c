using System.Buffers.Binary;
using System.Diagnostics;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Values;
using HilTests.Uapi.Devices;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>
/// The direction that the device receives: the far side sends, the driver keeps buffers offered. It offers exactly as
/// many in all as the frames take, so that the ring is empty in the end.
/// </summary>
internal sealed class RxTraffic : LaneTraffic
{
    private const int Batch = 32;
    private const int BasicHeader = 10;

    private readonly byte[] _frame = new byte[LargestFrame + 1];
    private readonly long _buffersInAll;
    private bool _isTorn;

    public RxTraffic(RunTraffic step, DriverQueue queue, EventFd call, PacketSocket farSide)
        : base(step, Ring.Rx, queue, call, farSide) => _buffersInAll = step.BuffersOf(Ring.Rx);

    /// <inheritdoc/>
    public override bool AwaitsFarSide => false;

    /// <inheritdoc/>
    protected override (string, Value)[] MoreFields => [("wrong-headers", Value.Of(Record.WrongHeaders)), ("torn", Value.Of(Record.Torn))];

    /// <inheritdoc/>
    public override bool Turn()
    {
        var moved = Refill();
        moved |= Send();
        return Receive() || moved;
    }

    private bool Refill()
    {
        var moved = false;
        while (Queue.Free > 0 && Queue.Offered < _buffersInAll)
        {
            Queue.Add(Queue.Take(), Lane.BufferBytes);
            moved = true;
        }
        Queue.Publish();
        return moved;
    }

    private bool Send()
    {
        for (var batch = 0; batch < Batch; batch++)
        {
            if (SentCount == Lane.Frames || UnderWay >= Lane.Window) return batch > 0;
            var frame = _frame.AsSpan(0, Content.LengthOf(SentCount));
            Content.Write(SentCount, frame);
            var now = Stopwatch.GetTimestamp();
            if (!FarSide.Send(frame).Ok)
            {
                Record.Refused++;
                return batch > 0;
            }
            NoteSent(now);
        }
        return true;
    }

    private bool Receive()
    {
        var moved = false;
        while (Queue.Waiting is > 0 and var waiting)
        {
            var buffers = BuffersOfNext();
            if (buffers > waiting)
            {
                // Its other buffers should have been used with the first: noted once, then waited for.
                if (!_isTorn) Record.Torn++;
                _isTorn = true;
                return moved;
            }
            _isTorn = false;
            Assemble(buffers);
            moved = true;
        }
        return moved;
    }

    private int BuffersOfNext()
    {
        var slot = Queue.Peek(0).Slot;
        if (!Step.Merge || slot < 0) return 1;
        var count = BinaryPrimitives.ReadUInt16LittleEndian(Queue.Buffer(slot, Step.Header)[BasicHeader..]);
        if (count > 0 && count <= Lane.Buffers) return count;
        Record.WrongHeaders++;
        return 1;
    }

    /// <summary>Puts a frame together out of its buffers and takes them back. All but the last must be full.</summary>
    private void Assemble(int buffers)
    {
        var length = 0;
        for (var i = 0; i < buffers; i++)
        {
            var (slot, used) = Queue.Peek(0);
            var written = (int)Math.Min(used, (uint)Lane.BufferBytes);
            if (used > Lane.BufferBytes || (i < buffers - 1 && used < Lane.BufferBytes)) Record.WrongLengths++;
            if (slot >= 0) length = Append(slot, written, length, isFirst: i == 0);
            Queue.Recycle();
        }
        NoteArrival(_frame.AsSpan(0, length), Stopwatch.GetTimestamp());
    }

    private int Append(int slot, int written, int length, bool isFirst)
    {
        var bytes = Queue.Buffer(slot, written);
        if (isFirst)
        {
            if (written < Step.Header || bytes[..BasicHeader].ContainsAnyExcept((byte)0)) Record.WrongHeaders++;
            bytes = bytes[Math.Min(written, Step.Header)..];
        }
        // What does not fit belongs to no frame that was sent; the rest is enough to tell that it is corrupt.
        bytes = bytes[..Math.Min(bytes.Length, _frame.Length - length)];
        bytes.CopyTo(_frame.AsSpan(length));
        return length + bytes.Length;
    }
}
