using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>
/// Follows the life of every bio through the trace and says what each record must hold. It reads submissions,
/// completions and the order of lines, never what the records say. Changed in place; take a copy for another future.
/// </summary>
internal sealed partial class IoFollower
{
    private const int SectorBytes = 512;

    /// <summary>More than garbage collection can move in a program.</summary>
    private const long MostCollected = 1L << 40;
    private readonly FollowingBudget _budget = new();
    private readonly long _device;
    private readonly bool _hasLatency;
    private readonly long _badFrom;
    private readonly PeriodClock _clock;
    private readonly ByteLedger _bytes;
    private readonly Dictionary<int, (IoClass Class, long Low, ulong Sector, long Sectors)> _submitting = [];
    private readonly Dictionary<ulong, BioLife> _alive = [];
    private readonly Dictionary<int, ulong> _unplaced = [];
    private readonly Dictionary<int, int> _open = [];
    private readonly CountedBios _counted = new();
    private readonly List<RecordSeen> _records = [];
    private readonly Dictionary<int, TrimSeen> _trims = [];
    private Switch _enabled;
    private bool _latencyKnown;
    private bool _bytesKnown;
    private (long[] Low, long[] High)? _lastBytes;
    private int _opened;
    private int _closed;
    private int _epoch;
    private long _position;
    private long _jiffies;
    private long _stepStartPosition;
    private int _step;
    private int _stepPid;
    private (int Pid, StepEffect.Bytes Bytes)? _writing;
    private int? _recordInWrite;

    /// <summary>Whether this kernel was seen to finish bios in threads that an interrupt completed.</summary>
    private bool _finishesLater;

    /// <param name="device">see <see cref="TraceLine.Device"/></param>
    /// <param name="hz">ticks a second</param>
    /// <param name="enabled">whether statistics are on when the trace begins</param>
    /// <param name="fresh">whether they have been off ever since the last mount</param>
    /// <param name="periodMilliseconds">the period when the trace begins</param>
    /// <param name="holes">the disk's holes, or null where they cannot be followed</param>
    /// <param name="hasLatency">whether a record has a second line, that of the latencies</param>
    /// <param name="badFrom">the first block on which the disk fails every request</param>
    public IoFollower(long device, int hz, bool enabled, bool fresh, long periodMilliseconds, HoleMap? holes, bool hasLatency = true, long badFrom = long.MaxValue)
    {
        (_device, _hasLatency, _badFrom) = (device, hasLatency, badFrom);
        _clock = new PeriodClock(hz, fresh, periodMilliseconds);
        _bytes = new ByteLedger();
        _enabled = enabled ? Switch.On : Switch.Off;
        _latencyKnown = _bytesKnown = !enabled;
        Holes = holes;
    }

    /// <summary>A copy that goes its own way.</summary>
    public IoFollower(IoFollower other)
    {
        _device = other._device;
        _clock = new PeriodClock(other._clock);
        _bytes = new ByteLedger(other._bytes);
        foreach (var (pid, submit) in other._submitting) _submitting[pid] = submit;
        foreach (var (bio, life) in other._alive) _alive[bio] = life;
        foreach (var (pid, bio) in other._unplaced) _unplaced[pid] = bio;
        foreach (var (pid, record) in other._open) _open[pid] = record;
        CopyDiscards(other);
        CopyOrigins(other);
        foreach (var (pid, record) in other._readSince) _readSince[pid] = record;
        KnowsOrigins = other.KnowsOrigins;
        _finishesLater = other._finishesLater;
        _badFrom = other._badFrom;
        _counted.AddRange(other._counted);
        (_enabled, _latencyKnown, _bytesKnown, _lastBytes) = (other._enabled, other._latencyKnown, other._bytesKnown, other._lastBytes);
        (_opened, _closed, _epoch, _position, _jiffies) = (other._opened, other._closed, other._epoch, other._position, other._jiffies);
        (_stepStartPosition, _step, _stepPid, _hasLatency) = (other._stepStartPosition, other._step, other._stepPid, other._hasLatency);
        Holes = other.Holes is null ? null : new HoleMap(other.Holes);
    }

    /// <summary>The holes of the disk's file, where they can be followed.</summary>
    public HoleMap? Holes { get; set; }

    /// <summary>The records seen since this follower was made or copied, in order.</summary>
    public IReadOnlyList<RecordSeen> Records => _records;

    /// <summary>Discards issued since this follower was made or copied, by step; step 0 is between steps.</summary>
    public IReadOnlyDictionary<int, TrimSeen> Trims => _trims;

    /// <summary>Whether bios are under way.</summary>
    public bool Busy => _alive.Values.Any(b => b.LeftJiffies is null) || _submitting.Count > 0;

    /// <summary>Whether a record's second line is still missing.</summary>
    public bool RecordOpen => _open.Count > 0;

    /// <summary>Why the trace is not followed any further, or null.</summary>
    public string? TooMuch => _budget.Exceeded;

    /// <summary>Whether the trace says when updates are entered.</summary>
    public bool SawUpdates { get; private set; }

    /// <summary>Whether the probe of updates read a wrong device: this kernel's structures are not as it believes.</summary>
    public bool Misread { get; private set; }

    /// <summary>Whether the byte counters are known since they were last zero.</summary>
    public bool BytesKnown => _bytesKnown;

    /// <summary>An update that is over should have made a record that is not there: the latest time it may have, else null.</summary>
    public (long Earliest, long Latest)? Missing => _clock.Missing;

    /// <summary>Takes the next line.</summary>
    /// <param name="line">the line</param>
    /// <param name="effectOf">what a step did, by its number</param>
    public void Feed(in TraceLine line, Func<int, StepEffect?> effectOf)
    {
        if (TooMuch is not null) return;
        _position++;
        if (line.Jiffies > _jiffies) _jiffies = line.Jiffies;
        if (line.Kind != TraceLineKind.Other && _alive.Count > 0) LeaveInterrupt(line);
        var discardLow = DiscarderSeen(line);
        if (line.Device != 0 && line.Device != _device)
        {
            // The agent itself works on no other file system but where the program says so.
            Misread |= line is { Kind: TraceLineKind.Update, InInterrupt: false } && line.Pid == _stepPid && effectOf(_step) is not StepEffect.Elsewhere;
            return;
        }
        switch (line.Kind)
        {
            case TraceLineKind.StepBegin:
                _step = (int)line.Number;
                _stepPid = line.Pid;
                _stepStartPosition = _position;
                BeginStep(line.Pid, effectOf(_step));
                break;
            case TraceLineKind.StepEnd:
                EndStep(line.Pid, effectOf((int)line.Number));
                _step = _stepPid = 0;
                break;
            case TraceLineKind.PageWrite:
                WritePage(line);
                break;
            case TraceLineKind.Discard:
                IssueDiscard(line);
                break;
            case TraceLineKind.Update:
                SawUpdates = true;
                ShowUp(line.Pid);
                AnnounceUnqueued(line.Pid);
                _wrote.Remove(line.Pid);
                _bytes.Enter(line.Pid);
                if (_writing?.Pid == line.Pid) _recordInWrite = null;
                _clock.Enter(line.Pid, line.Jiffies, _enabled == Switch.On);
                break;
            case TraceLineKind.Record:
                OpenRecord(line.Pid);
                break;
            case TraceLineKind.AtRecord:
                _clock.Recorded(line.Jiffies);
                break;
            case TraceLineKind.Latency:
                CloseRecord(line.Pid);
                break;
            default:
                if (!FollowOrigin(line)) FeedBio(line, discardLow);
                break;
        }
    }

    private void FeedBio(in TraceLine line, long discardLow)
    {
        switch (line.Kind)
        {
            case TraceLineKind.Submit:
                ShowUp(line.Pid);
                if (IoClasses.Of(line.Write, line.Sync, line.Type) is { } ioClass) _submitting[line.Pid] = (ioClass, _jiffies, line.Sector, (long)line.Number / SectorBytes);
                CountRead(line);
                break;
            case TraceLineKind.DirectSubmit:
                ShowUp(line.Pid);
                if (_enabled != Switch.Off && IoClasses.Of(line.Write, sync: true, PageType.Data) is { } direct) _submitting[line.Pid] = (direct, line.Jiffies, 0, 0);
                break;
            case TraceLineKind.BioQueued when line.Discards:
                QueueDiscard(line);
                break;
            case TraceLineKind.BioQueued:
                if (_unplaced.Remove(line.Pid, out var address) && _alive.TryGetValue(address, out var unplaced))
                    _alive[address] = unplaced with { Sector = line.Sector, Sectors = (long)line.Length };
                break;
            case TraceLineKind.AtSubmit:
                if (_submitting.TryGetValue(line.Pid, out var submit)) _submitting[line.Pid] = submit with { Low = line.Jiffies };
                break;
            case TraceLineKind.BioSubmit:
                if (_alive.Remove(line.Number, out var reused)) CountBio(reused, reused.LeftJiffies ?? line.Jiffies);
                if (_submitting.Remove(line.Pid, out var submitted))
                {
                    _alive[line.Number] = Begun(submitted, line);
                    if (submitted.Sectors == 0) _unplaced[line.Pid] = line.Number;
                }
                else if (discardLow >= 0)
                {
                    _queuing[line.Pid] = (line.Number, discardLow, line.Jiffies);
                }
                break;
            case TraceLineKind.RequestDone:
                CompleteRequest(line);
                break;
            case TraceLineKind.BioEnd:
                // A call before all parts are done is that of a part; one without any request is a disk that has none.
                if (_alive.TryGetValue(line.Number, out var ending) && (ending.Ended || ending.DoneSectors == 0))
                    _alive[line.Number] = Refined(ending, line, line.Jiffies);
                break;
            case TraceLineKind.BioPut:
                GiveBack(line);
                break;
        }
    }

    private void GiveBack(in TraceLine line)
    {
        if (!_alive.TryGetValue(line.Number, out var bio) || !bio.Ended) return;
        var later = bio.IsFinishedLaterBy(line);
        if (!later && !bio.IsGivenBackBy(line)) return;
        _alive.Remove(line.Number);
        _finishesLater |= later;
        CountBio(later ? bio with { LastRecord = null } : bio, line.Jiffies);
    }

    private BioLife Refined(BioLife bio, in TraceLine line, long jiffies) => bio with
    {
        Ended = true,
        EndJiffies = jiffies,
        FirstRecord = _closed,
        EnabledAtEnd = _enabled,
        EpochAtEnd = _epoch,
        EndPid = line.Pid,
        InterruptCpu = line.InInterrupt ? line.Cpu : -1,
        LastRecord = null,
        LeftJiffies = null,
    };

    /// <summary>The block layer's own event: it comes before bio_endio(), and is there also when a probe was missed.</summary>
    private void CompleteRequest(in TraceLine line)
    {
        _budget.Spend(_alive.Count);
        foreach (var (address, bio) in _alive)
        {
            var overlap = (long)Math.Min(bio.Sector + (ulong)bio.Sectors, line.Sector + line.Length) - (long)Math.Max(bio.Sector, line.Sector);
            if (bio.Ended || overlap <= 0) continue;
            var done = bio with { DoneSectors = bio.DoneSectors + overlap };
            _alive[address] = done.DoneSectors >= done.Sectors ? Refined(done, line, Math.Max(_jiffies, bio.SubmitHigh)) : done;
        }
    }

    private BioLife Begun((IoClass Class, long Low, ulong Sector, long Sectors) submitted, in TraceLine line) =>
        new(submitted.Class, submitted.Low, line.Jiffies)
        {
            Sector = submitted.Sector,
            Sectors = submitted.Sectors,
            EndJiffies = line.Jiffies,
            FirstRecord = _closed,
            EnabledAtEnd = _enabled,
            EpochAtEnd = _epoch,
            SubmitPid = line.Pid,
        };

    /// <summary>
    /// The kernel misses a probe that is hit in an interrupt while the processor is busy with another one. A bio whose
    /// completion began in an interrupt is accounted when that processor is seen outside of interrupts, unless a thread turns
    /// out to finish it: that is known when the thread gives it back, or when its memory is another bio's.
    /// </summary>
    private void LeaveInterrupt(in TraceLine line)
    {
        if (line.InInterrupt) return;
        _budget.Spend(_alive.Count);
        foreach (var (address, bio) in _alive)
        {
            if (!bio.Ended || bio.LeftJiffies is not null || bio.DoneSectors == 0 || (bio.InterruptCpu != line.Cpu && bio.LastRecord is null)) continue;
            var left = bio.LastRecord is null ? bio with { LastRecord = _opened } : bio;
            _alive[address] = line.Jiffies < 0 ? left : left with { LeftJiffies = line.Jiffies };
        }
    }

    /// <summary>Every bio that is counted or may be, those that end just now included.</summary>
    public IEnumerable<CountedBio> Counted() => _counted.Concat(Ending());

    /// <summary>Those that have ended and that nobody was seen to give back.</summary>
    private IEnumerable<CountedBio> Ending() => _alive.Values.Where(b => b.Ended && b.EnabledAtEnd != Switch.Off)
        .Select(b => b.LeftJiffies is { } left && !_finishesLater
            ? Counted(b, left)
            : new CountedBio(b.Class, b.FirstRecord, int.MaxValue, Math.Max(0, b.EndJiffies - b.SubmitHigh), _jiffies - b.SubmitLow + 1, false, long.MaxValue));

    /// <summary>Bounds of the byte counters now, as seen from outside.</summary>
    public (long[] Low, long[] High) Bytes() => _bytes.Bounds(-1);

    /// <summary>Forgets what no later record can hold.</summary>
    public void Settle() => _counted.Forget(_opened);

    private void CountBio(BioLife bio, long jiffies)
    {
        if (bio.EnabledAtEnd != Switch.Off || _enabled != Switch.Off) _counted.Add(Counted(bio, jiffies));
    }

    private CountedBio Counted(BioLife bio, long jiffies)
    {
        var sure = bio.EnabledAtEnd == Switch.On && _enabled == Switch.On && bio.EpochAtEnd == _epoch;
        return new CountedBio(bio.Class, bio.FirstRecord, bio.LastRecord ?? _opened, Math.Max(0, bio.EndJiffies - bio.SubmitHigh), jiffies - bio.SubmitLow, sure, _position);
    }

    private void IssueDiscard(in TraceLine line)
    {
        ShowUp(line.Pid);
        _budget.Spend(Holes?.Punch((long)line.Number, (long)line.Length) ?? 0);
        _trims[_step] = (_trims.GetValueOrDefault(_step) ?? new TrimSeen()).With((long)line.Number, (long)line.Length, _badFrom);
        BeginDiscards(line);
    }

    private void ShowUp(int pid)
    {
        _bytes.Settle(pid);
        _clock.ShowUp(pid, _jiffies);
    }

    private void OpenRecord(int pid)
    {
        if (!_budget.HasRoomFor(_records)) return;
        var (earliest, latest) = _clock.Record(pid, _jiffies);
        var bytes = _bytes.Bounds(pid);
        _records.Add(new RecordSeen
        {
            Index = _opened,
            Enabled = _enabled,
            Earliest = earliest,
            Latest = latest,
            Bytes = _bytesKnown ? ByteLedger.Difference(bytes, _lastBytes) : null,
            LatencyKnown = _latencyKnown && _hasLatency,
        });
        _lastBytes = bytes;
        _latencyKnown = true;
        if (_writing?.Pid == pid) _recordInWrite = _opened;
        _open[pid] = _opened++;
        if (!_hasLatency) CloseRecord(pid);
    }

    private void CloseRecord(int pid)
    {
        if (!_open.Remove(pid, out var index)) return;
        _closed++;
        var at = PlaceOf(index);
        if (at >= 0) _records[at] = _records[at] with { Closed = true };
    }

    /// <summary>Where a record stands in the list, or -1: they are numbered one after the other.</summary>
    private int PlaceOf(int index) =>
        _records.Count > 0 && index >= _records[0].Index && index - _records[0].Index < _records.Count ? index - _records[0].Index : -1;
}
