using System.Diagnostics;
using HilTests.Core.Measuring;
using HilTests.Core.Values;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>What one direction of traffic was seen to do: what is judged, and what is only measured.</summary>
internal sealed class LaneRecord
{
    private const int CellsPerOctave = 8;

    private readonly LatencyHistogram _latency = new();
    private long _first;
    private long _last;

    /// <summary>Used entries with a length that the frame does not have.</summary>
    public int WrongLengths { get; set; }

    /// <summary>RX: headers with something in them, or frames in more or fewer buffers than the header says.</summary>
    public int WrongHeaders { get; set; }

    /// <summary>RX: frames whose buffers were not all used together.</summary>
    public int Torn { get; set; }

    /// <summary>Sleeps out of which a used entry should have woken the driver, and did not.</summary>
    public int MissedSignals { get; set; }

    public long Signals { get; set; }

    public long Sleeps { get; set; }

    public long Bytes { get; set; }

    /// <summary>Sends from the far side that were refused for want of room, and tried again.</summary>
    public long Refused { get; set; }

    /// <summary>Notes that a frame was sent.</summary>
    public void Sent(long now)
    {
        if (_first == 0) _first = now;
    }

    /// <summary>Notes a frame that arrived.</summary>
    public void Arrived(long sent, long now, int bytes)
    {
        _last = now;
        Bytes += bytes;
        _latency.Record((long)((now - sent) * (1e9 / Stopwatch.Frequency)));
    }

    /// <summary>The measured part.</summary>
    public Value Measured(DriverQueue queue) => Value.Record(
        ("us", Value.Of((long)Stopwatch.GetElapsedTime(_first, Math.Max(_first, _last)).TotalMicroseconds)),
        ("bytes", Value.Of(Bytes)),
        ("kicks", Value.Of(queue.Kicks)),
        ("kicks-saved", Value.Of(queue.KicksSaved)),
        ("sleeps", Value.Of(Sleeps)),
        ("refused", Value.Of(Refused)),
        ("latency-ns", Value.Record(
            ("p50", Value.Of(_latency.Percentile(0.5))),
            ("p90", Value.Of(_latency.Percentile(0.9))),
            ("p99", Value.Of(_latency.Percentile(0.99))),
            ("p999", Value.Of(_latency.Percentile(0.999))),
            ("max", Value.Of(_latency.Max)),
            ("cells", Value.List(_latency.Cells(CellsPerOctave).Select(c => Value.Record(("upto", Value.Of(c.Upper)), ("n", Value.Of(c.Count)))))))));
}
