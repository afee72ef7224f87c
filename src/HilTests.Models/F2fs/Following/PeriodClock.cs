namespace HilTests.Models.F2fs.Following;

/// <summary>
/// When the next record is due. The deadline is fixed by the record before it: that record's time plus the period as
/// it was then; nothing else moves it. All times in jiffies, as ranges.
/// </summary>
internal sealed class PeriodClock
{
    private const long StandardPeriodMilliseconds = 3000;
    private readonly int _hz;
    private readonly Dictionary<int, long> _entered = [];
    private readonly Dictionary<int, int> _due = [];
    private long _deadlineLow;
    private long _deadlineHigh;
    private long _periodLow;
    private long _periodHigh;
    private long _missedAt = long.MaxValue;
    private bool _waitsForTime;
    private int _records;

    public PeriodClock(int hz, bool fresh, long periodMilliseconds)
    {
        _hz = hz;
        _periodLow = _periodHigh = ToJiffies(periodMilliseconds);
        _deadlineHigh = fresh ? 0 : long.MaxValue;
    }

    public PeriodClock(PeriodClock other)
    {
        _hz = other._hz;
        foreach (var (pid, jiffies) in other._entered) _entered[pid] = jiffies;
        foreach (var (pid, records) in other._due) _due[pid] = records;
        (_deadlineLow, _deadlineHigh, _periodLow, _periodHigh) = (other._deadlineLow, other._deadlineHigh, other._periodLow, other._periodHigh);
        (_missedAt, _waitsForTime, _records) = (other._missedAt, other._waitsForTime, other._records);
    }

    /// <summary>A record that should be there by now is not: its range, else null.</summary>
    public (long Earliest, long Latest)? Missing => _missedAt == long.MaxValue ? null : (_deadlineLow, _missedAt);

    /// <summary>A new mount: the first update after switching on makes a record.</summary>
    public void Reset()
    {
        _deadlineLow = _deadlineHigh = 0;
        _missedAt = long.MaxValue;
        _periodLow = _periodHigh = ToJiffies(StandardPeriodMilliseconds);
        _entered.Clear();
        _due.Clear();
    }

    /// <summary>The period is being set: from now on it may be the new one.</summary>
    public void PeriodMayBe(long milliseconds)
    {
        var jiffies = ToJiffies(milliseconds);
        (_periodLow, _periodHigh) = (Math.Min(_periodLow, jiffies), Math.Max(_periodHigh, jiffies));
    }

    /// <summary>The period has been set.</summary>
    public void PeriodIs(long milliseconds) => _periodLow = _periodHigh = ToJiffies(milliseconds);

    /// <summary>A thread enters the update function.</summary>
    public void Enter(int pid, long jiffies, bool enabled)
    {
        _entered[pid] = jiffies;
        if (enabled && jiffies >= _deadlineHigh && !_waitsForTime) _due[pid] = _records;
    }

    /// <summary>A thread shows up outside the update it had entered: had it to make a record, there must be one.</summary>
    public void ShowUp(int pid, long jiffies)
    {
        if (_due.Remove(pid, out var records) && records == _records) _missedAt = Math.Min(_missedAt, jiffies);
    }

    /// <summary>A record is made by that thread; gives the range of its time.</summary>
    public (long Earliest, long Latest) Record(int pid, long jiffies)
    {
        var allowed = (_deadlineLow, _missedAt);
        _records++;
        _missedAt = long.MaxValue;
        _due.Remove(pid);
        _deadlineLow = (_entered.TryGetValue(pid, out var entered) ? entered : jiffies) + _periodLow;
        _deadlineHigh = long.MaxValue;
        _waitsForTime = true;
        return allowed;
    }

    /// <summary>Jiffies just after the record's time was taken.</summary>
    public void Recorded(long jiffies)
    {
        if (!_waitsForTime) return;
        _deadlineHigh = jiffies + _periodHigh;
        _waitsForTime = false;
    }

    /// <summary>As <c>msecs_to_jiffies()</c>: rounded up.</summary>
    private long ToJiffies(long milliseconds) => ((milliseconds * _hz) + 999) / 1000;
}
