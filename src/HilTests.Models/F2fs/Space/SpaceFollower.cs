using HilTests.Core.Devices.F2fs;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs.Space;

/// <summary>
/// Follows which blocks are worth discarding: those never discarded since the disk was formatted, and those written since
/// they were. What is written and what is discarded it takes from the disk's completed requests; what is in use from the map
/// that the agent reads. Changed in place; take a copy for another future.
/// </summary>
internal sealed class SpaceFollower
{
    /// <summary>
    /// Ticks after which an unmount may have given up on discards: it takes 5 s at most (umount_discard_timeout), and there are 250 ticks
    /// a second or more.
    /// </summary>
    private const long PatientTicks = 1000;

    private const int BlockSectors = FileContent.BlockSize / 512;
    private readonly SpaceLayout _layout;
    private readonly long _device;
    private readonly BlockSet _wanting;
    private readonly BlockSet _sure;
    private readonly BlockSet _recent;
    private readonly List<int> _recentSteps = [];
    private readonly SortedDictionary<int, SpaceStep> _steps = [];
    private BlockSet? _kept;
    private bool _checkpointSince;
    private bool _readMap;
    private bool _movedSinceMap;
    private int _step;
    private bool _background;
    private long _ticks;
    private long _beginTicks;
    private bool _owing = true;
    private bool _checkpointBefore;
    private readonly BlockSet _owed;
    private BlockSet _wantingBefore;
    private BlockSet _sureBefore;

    /// <summary>
    /// Given to a file or node since the last checkpoint: f2fs takes such a block for a checkpointed one, even if it was freed again. Their
    /// requests are done in a step or between two.
    /// </summary>
    private readonly BlockSet _fresh;

    /// <summary>Submitted, and not done yet.</summary>
    private readonly BlockSet _submitted;

    /// <summary>A discard of it is under way.</summary>
    private readonly BlockSet _ending;

    /// <summary>Given to a file or node while a discard of it was under way: which of the two the disk does last, nobody can say.</summary>
    private readonly BlockSet _reused;

    /// <summary>Ever in use: such a block may be left to the background already, and then a run that FITRIM finds ends at it.</summary>
    private readonly BlockSet _touched;

    /// <param name="layout">of the formatted disk</param>
    /// <param name="device">see <see cref="TraceLine.Device"/></param>
    public SpaceFollower(SpaceLayout layout, long device)
    {
        (_layout, _device) = (layout, device);
        _wanting = layout.Main();
        _sure = layout.Main();
        _recent = new BlockSet(layout.Blocks);
        _owed = new BlockSet(layout.Blocks);
        _fresh = new BlockSet(layout.Blocks);
        _submitted = new BlockSet(layout.Blocks);
        _touched = new BlockSet(layout.Blocks);
        _ending = new BlockSet(layout.Blocks);
        _reused = new BlockSet(layout.Blocks);
        (_wantingBefore, _sureBefore) = (_wanting, _sure);
    }

    /// <summary>A copy that goes its own way; it has no steps yet.</summary>
    public SpaceFollower(SpaceFollower other)
    {
        (_layout, _device) = (other._layout, other._device);
        (_wanting, _sure, _recent) = (new BlockSet(other._wanting), new BlockSet(other._sure), new BlockSet(other._recent));
        _kept = other._kept;
        (_checkpointSince, _background, _owing, _ticks) = (other._checkpointSince, other._background, other._owing, other._ticks);
        _owed = new BlockSet(other._owed);
        _fresh = new BlockSet(other._fresh);
        _submitted = new BlockSet(other._submitted);
        _touched = new BlockSet(other._touched);
        _ending = new BlockSet(other._ending);
        _reused = new BlockSet(other._reused);
        (_wantingBefore, _sureBefore) = (_wanting, _sure);
    }

    /// <summary>The steps in which something was discarded, or had to be; 0 is between steps.</summary>
    public IEnumerable<(int Step, SpaceStep Space)> Steps => _steps.Where(s => s.Value.AnyDiscard || s.Value.Expected is { Least.IsEmpty: false }).Select(s => (s.Key, s.Value));

    /// <summary>Whether the disk tells of its requests at all: some kinds of disk do not.</summary>
    public bool SawRequests { get; private set; }

    /// <summary>How many blocks the disk has.</summary>
    public long Blocks => _layout.Blocks;

    /// <summary>Every block that files and nodes may have.</summary>
    public BlockSet Everything() => _layout.Main();

    /// <summary>Takes the next line.</summary>
    /// <param name="line">the line</param>
    /// <param name="mapOf">the blocks in use that a step saw, by its number</param>
    /// <param name="effectOf">what a step did</param>
    public void Feed(in TraceLine line, Func<int, BlockSet?> mapOf, Func<int, StepEffect?> effectOf)
    {
        if (line.Jiffies > _ticks) _ticks = line.Jiffies;
        if (line.Device != 0 && line.Device != _device) return;
        switch (line.Kind)
        {
            case TraceLineKind.StepBegin:
                BeginStep((int)line.Number, effectOf((int)line.Number));
                break;
            case TraceLineKind.SpaceRead:
                _readMap = true;
                _movedSinceMap = false;
                break;
            case TraceLineKind.StepEnd:
                EndStep(mapOf(_step), effectOf(_step));
                break;
            case TraceLineKind.Discard:
                Current().Issued.Add((long)line.Number, (long)line.Length);
                break;
            case TraceLineKind.BioQueued when line.Discards:
                _ending.Add((long)line.Sector / BlockSectors, (long)line.Length / BlockSectors);
                break;
            case TraceLineKind.PageWrite when line.Write:
                Submit((long)line.Number);
                break;
            case TraceLineKind.RequestDone when line.Discards:
                Discard((long)line.Sector / BlockSectors, (long)line.Length / BlockSectors);
                break;
            case TraceLineKind.RequestDone when line.Write:
                Write((long)line.Sector / BlockSectors, (long)line.Length / BlockSectors);
                break;
        }
    }

    private void BeginStep(int step, StepEffect? effect)
    {
        (_step, _readMap, _beginTicks) = (step, false, _ticks);
        _checkpointBefore = _checkpointSince;
        // A file system that discards by segments takes no note of blocks.
        if (effect is StepEffect.Mounted { Background: true } or StepEffect.Mounted { ByBlock: false }) _background = true;
        if (effect is StepEffect.Mounted { ByBlock: false } or StepEffect.Limited or StepEffect.TrimmedBeside) _owing = false;
        if (effect is StepEffect.Trimmed) (_wantingBefore, _sureBefore) = (new BlockSet(_wanting), new BlockSet(_sure));
    }

    private void EndStep(BlockSet? valid, StepEffect? effect)
    {
        if (_readMap && valid is not null) TakeMap(valid, effect);
        if (_steps.TryGetValue(_step, out var done) && done.Checkpointed)
        {
            _fresh.Clear();
            _fresh.Or(done.Written).Or(_submitted);
        }
        // What was left to the background may have been dropped there: it counts as discarded for the file system, but is not.
        if (_background) _sure.Clear();
        // At a mount some kernels take all that is free for not discarded yet, others remember.
        if (effect is StepEffect.Mounted { Again: false }) _wanting.Or(Everything());
        if (effect is StepEffect.Crashed) _sure.Clear();
        var over = effect is StepEffect.Mounted { Background: false, ByBlock: true } or StepEffect.Unmounted or StepEffect.Crashed;
        var patient = _ticks - _beginTicks < PatientTicks && effect is not StepEffect.Crashed;
        if (_owing && (effect is StepEffect.Drained { All: true } || (over && _background && patient))) MustBePaid();
        if (over)
        {
            _background = false;
            _owing = true;
            _owed.Clear();
        }
        _step = 0;
    }

    /// <summary>All that the background was to discard must have been by now.</summary>
    private void MustBePaid()
    {
        if (_owed.IsEmpty) return;
        var step = Current();
        step.Expected = (new BlockSet(_owed), Everything());
        step.Late = true;
    }

    private void Discard(long start, long length)
    {
        SawRequests = _movedSinceMap = true;
        var step = Current();
        step.Moved = step.AnyDiscard = true;
        step.Discarded.Add(start, length);
        _wanting.Remove(start, length);
        _sure.Remove(start, length);
        _owed.Remove(start, length);
        _recent.Add(start, length);
        if (!_recentSteps.Contains(_step)) _recentSteps.Add(_step);
        var range = BlockSet.Of(_layout.Blocks, [(start, length)]);
        step.Forbidden.Or(new BlockSet(_reused).And(range));
        _reused.Remove(start, length);
        _ending.Remove(start, length);
        if (_kept is { } kept && !_checkpointSince) step.Forbidden.Or(range.And(kept));
    }

    /// <summary>A block got a place, and its request may be done much later: it is in use from here on.</summary>
    private void Submit(long block)
    {
        if (block < _layout.Start || block >= _layout.End) return;
        _movedSinceMap = true;
        if (_ending[block]) _reused.Add(block, 1);
        _recent.Remove(block, 1);
        _fresh.Add(block, 1);
        _submitted.Add(block, 1);
    }

    private void Write(long start, long length)
    {
        SawRequests = _movedSinceMap = true;
        var step = Current();
        step.Moved = true;
        if (start < _layout.CheckpointEnd && start + length > _layout.CheckpointStart) _checkpointSince = step.Checkpointed = true;
        if (start + length <= _layout.Start) return;
        if (step.AnyDiscard) step.WrittenLate.Add(start, length);
        step.Written.Add(start, length);
        var main = BlockSet.Of(_layout.Blocks, [(start, length)]).And(_layout.Main());
        _wanting.Or(main);
        _sure.Or(main);
        _owed.Without(main);
        _touched.Or(main);
        _fresh.Or(main);
        _submitted.Without(main);
        _recent.Remove(start, length);
    }

    /// <summary>The map of blocks in use, read when all lines so far had happened.</summary>
    private void TakeMap(BlockSet valid, StepEffect? effect)
    {
        if (!_movedSinceMap)
        {
            var wrong = new BlockSet(_recent).And(valid);
            foreach (var step in _recentSteps)
                if (_steps.TryGetValue(step, out var seen)) seen.Forbidden.Or(new BlockSet(wrong).And(seen.Discarded));
            if (effect is StepEffect.Trimmed { Direct: true } trim) Expect(Current(), trim, valid);
            if (_background && _owing) Owe(valid, effect);
        }
        _owed.Without(valid);
        _touched.Or(valid);
        _recent.Clear();
        _recentSteps.Clear();
        // A FITRIM that finds nothing writes no checkpoint.
        var kept = effect is StepEffect.Checkpointed or StepEffect.Mounted || (effect is StepEffect.Trimmed && _steps.TryGetValue(_step, out var trimmed) && trimmed.Checkpointed);
        if (!kept) return;
        _kept = _movedSinceMap ? null : valid;
        _checkpointSince = false;
    }

    /// <summary>What a FITRIM that discards itself had to discard.</summary>
    private void Expect(SpaceStep step, StepEffect.Trimmed trim, BlockSet valid)
    {
        var range = BlockSet.Of(_layout.Blocks, [(trim.First, trim.End - trim.First)]);
        var (_, most) = _layout.LongEnough(new BlockSet(_wantingBefore).Or(step.Written).Without(valid).And(range), trim.Minimum);
        var (least, _) = _layout.LongEnough(new BlockSet(_sureBefore).Or(step.Written).Without(valid).Without(step.WrittenLate).And(range), trim.Minimum);
        var certain = step.Checkpointed || (_kept is { } kept && !_checkpointBefore && IsCandidate(step, new BlockSet(least).Without(kept), trim.Minimum));
        step.Expected = (certain && trim.ByBlock ? least : new BlockSet(_layout.Blocks), most.Or(step.WrittenLate));
    }

    /// <summary>
    /// Whether FITRIM surely finds a candidate among blocks that the last checkpoint does not hold, and so writes one itself: without any it does
    /// nothing (f2fs_exist_trim_candidates()).
    /// </summary>
    private bool IsCandidate(SpaceStep step, BlockSet free, long minimum) =>
        !_layout.LongEnough(free.Without(_fresh), minimum).Least.IsEmpty;

    /// <summary>What a checkpoint leaves to the background: after FITRIM all that is free, else what the checkpoint before held.</summary>
    private void Owe(BlockSet valid, StepEffect? effect)
    {
        if (effect is StepEffect.Trimmed { Direct: false, ByBlock: true } trim && Current().Checkpointed)
        {
            var range = BlockSet.Of(_layout.Blocks, [(trim.First, trim.End - trim.First)]);
            var free = new BlockSet(_wantingBefore).Or(Current().Written).Without(valid).And(range);
            if (trim.Minimum > 1) free.Without(_touched);
            _owed.Or(_layout.LongEnough(free, trim.Minimum).Least.Without(Current().Discarded));
        }
        if (effect is not StepEffect.Checkpointed || _kept is not { } kept || _checkpointBefore) return;
        var freed = new BlockSet(kept).Without(valid).And(_wanting).Without(Current().Discarded);
        for (var segment = _layout.Start; segment < _layout.End; segment += _layout.SegmentBlocks)
        {
            // Whether an empty segment is one that is being filled, nobody can say.
            var all = BlockSet.Of(_layout.Blocks, [(segment, _layout.SegmentBlocks)]);
            if (!new BlockSet(valid).And(all).IsEmpty) _owed.Or(new BlockSet(freed).And(all));
        }
    }

    private SpaceStep Current()
    {
        if (!_steps.TryGetValue(_step, out var step)) _steps[_step] = step = new SpaceStep(_layout.Blocks);
        return step;
    }
}
