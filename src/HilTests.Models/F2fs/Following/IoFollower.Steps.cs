using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>What the program's own steps do to what is followed.</summary>
internal sealed partial class IoFollower
{
    private void BeginStep(int pid, StepEffect? effect)
    {
        ShowUp(pid);
        _bytes.SettleAll(pid);
        _readSince[pid] = _opened;
        switch (effect)
        {
            case StepEffect.Enabled enabled when (_enabled == Switch.On) != enabled.On:
                _enabled = Switch.Unsure;
                break;
            case StepEffect.Period period:
                _clock.PeriodMayBe(period.Milliseconds);
                break;
            case StepEffect.Mounted { Again: false }:
                _enabled = Switch.Off;
                _clock.Reset();
                Clear(everything: true);
                break;
            case StepEffect.Bytes bytes when _enabled != Switch.Off:
                _bytes.Begin(bytes.Counter, bytes.High);
                // The fault that makes a page writable may count as one that reads it, and bring its neighbours in.
                if (bytes.Counter == ByteCounter.MappedWrite) _bytes.Begin(ByteCounter.MappedRead, MostReadByAFault * bytes.High);
                if (bytes.Counter == ByteCounter.AppBufferedWrite) _writing = (pid, bytes);
                break;
        }
    }

    private const long MostReadByAFault = 16;

    private void EndStep(int pid, StepEffect? effect)
    {
        ShowUp(pid);
        _bytes.SettleAll(pid);
        _wrote.Remove(pid);
        // Where the end of a checkpoint that was given up is not seen.
        _checkpointing.Remove(pid);
        IncludeWrite();
        switch (effect)
        {
            case StepEffect.Enabled { On: true }:
                _enabled = Switch.On;
                break;
            case StepEffect.Enabled:
                _enabled = Switch.Off;
                Clear(everything: false);
                break;
            case StepEffect.Period period:
                _clock.PeriodIs(period.Milliseconds);
                break;
            case StepEffect.Bytes bytes when _enabled == Switch.On:
                _bytes.Finish(bytes.Counter, bytes.Low);
                break;
        }
    }

    /// <summary>A write counts its own bytes last; a record made by its last update therefore holds them.</summary>
    private void IncludeWrite()
    {
        if (_writing is { } writing && _recordInWrite is { } index && _enabled == Switch.On)
        {
            foreach (var counter in (ReadOnlySpan<int>)[(int)writing.Bytes.Counter, (int)ByteCounter.AppWrite])
            {
                if (PlaceOf(index) is >= 0 and var at && _records[at].Bytes is { } shown) shown.Low[counter] += writing.Bytes.Low;
                if (_lastBytes is { } last) last.Low[counter] += writing.Bytes.Low;
            }
        }
        _writing = null;
        _recordInWrite = null;
    }

    /// <summary>The statistics are cleared. What was accounted while that happened may have come after it.</summary>
    private void Clear(bool everything)
    {
        _epoch++;
        _budget.Spend(_counted.Count);
        _counted.Clear(_opened, everything ? long.MaxValue : _stepStartPosition);
        if (everything) _counted.AddRange([.. Ending().Select(b => b with { Last = Math.Min(b.Last, _opened - 1), Sure = false })]);
        if (everything) _alive.Clear();
        if (everything) _submitting.Clear();
        if (everything) _checkpointing.Clear();
        if (everything) _collecting.Clear();
        _bytes.Clear();
        _lastBytes = null;
        _latencyKnown = _bytesKnown = true;
    }
}
