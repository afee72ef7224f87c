using HilTests.Core.Devices.F2fs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Reporting;

/// <summary>Reads the lines of a file system's trace for pictures: what the disk discarded, where and when.</summary>
internal sealed class TraceReading(int hz)
{
    /// <summary>More than a picture can show; what touches the one before is joined with it.</summary>
    private const int MostMarks = 4000;
    private const int SectorBytes = 512;
    private const long MostBytes = 1L << 50;

    private readonly List<DiscardMark> _discards = [];
    private readonly Dictionary<int, long> _completed = [];
    private long _first = -1;
    private long _jiffies;
    private int _step;
    private bool _sawRequests;

    public IReadOnlyList<DiscardMark> Discards => _discards;

    /// <summary>Bytes that the disk's requests discarded during a step; null where the disk has no requests of its own, or nothing was traced.</summary>
    public long? CompletedIn(int step) => _sawRequests && _completed.TryGetValue(step, out var bytes) ? bytes : null;

    /// <summary>Takes what one step recorded.</summary>
    public void Read(Observation? observation)
    {
        if (observation is null) return;
        var device = observation["major"] is NumberValue major && observation["minor"] is NumberValue minor ? TraceLine.DeviceOf(major.Number, minor.Number) : 0;
        foreach (var text in observation.Lines)
        {
            var line = TraceLines.Read(text);
            if (line.Jiffies > 0)
            {
                if (_first < 0) _first = line.Jiffies;
                _jiffies = Math.Max(_jiffies, line.Jiffies);
            }
            if (device != 0 && line.Device != 0 && line.Device != device) continue;
            Take(line);
        }
    }

    private void Take(in TraceLine line)
    {
        switch (line.Kind)
        {
            case TraceLineKind.StepBegin:
                _step = (int)line.Number;
                break;
            case TraceLineKind.RequestDone:
                _sawRequests = true;
                if (!line.Discards) break;
                _completed[_step] = _completed.GetValueOrDefault(_step) + ((long)line.Length * SectorBytes);
                Mark((long)line.Sector * SectorBytes, (long)line.Length * SectorBytes);
                break;
            case TraceLineKind.Discard when !_sawRequests:
                Mark((long)line.Number * FileContent.BlockSize, (long)line.Length * FileContent.BlockSize);
                break;
        }
    }

    private void Mark(long start, long length)
    {
        // A trace comes from a guest: what lies on no disk is not drawn.
        if (start is < 0 or > MostBytes || length is <= 0 or > MostBytes) return;
        var seconds = Math.Max(0, _jiffies - Math.Max(0, _first)) / (double)hz;
        if (_discards.Count > 0 && _discards[^1] is var last && last.Start + last.Length == start && seconds - last.Seconds < 0.05)
            _discards[^1] = last with { Length = last.Length + length };
        else if (_discards.Count < MostMarks) _discards.Add(new DiscardMark(seconds, start, length));
    }
}
