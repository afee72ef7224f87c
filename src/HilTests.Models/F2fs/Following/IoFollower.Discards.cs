using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>
/// Discards as bios: the event tells of a command; its bios are those that the same thread hands to the block layer as discards
/// afterwards. A long command becomes several; what is left of it after some requests is told by an event again.
/// </summary>
internal sealed partial class IoFollower
{
    /// <summary>Threads that have issued commands, with the jiffies at which each was last seen: no discard of its was stamped before.</summary>
    private readonly Dictionary<int, long> _discarding = [];

    /// <summary>Bios that such a thread submits; the block layer's event will say whether it is a discard.</summary>
    private readonly Dictionary<int, (ulong Bio, long Low, long High)> _queuing = [];

    /// <summary>Bytes of a command of which no bio has been seen.</summary>
    private readonly Dictionary<int, long> _unqueued = [];

    /// <summary>Notes that a thread which issues discards is running; gives when it was seen before this line, or -1 for any other thread.</summary>
    private long DiscarderSeen(in TraceLine line)
    {
        if (line.InInterrupt || !_discarding.TryGetValue(line.Pid, out var before)) return -1;
        _discarding[line.Pid] = _jiffies;
        return before;
    }

    private void BeginDiscards(in TraceLine line)
    {
        _discarding[line.Pid] = _jiffies;
        _unqueued[line.Pid] = (long)line.Length * FileContent.BlockSize;
    }

    private void QueueDiscard(in TraceLine line)
    {
        if (!_queuing.Remove(line.Pid, out var bio)) return;
        _unqueued.Remove(line.Pid);
        _trims[_step] = (_trims.GetValueOrDefault(_step) ?? new TrimSeen()).WithBio((long)line.Length / (FileContent.BlockSize / SectorBytes));
        AnnounceDiscard(line.Pid, (long)line.Length * SectorBytes);
        _alive[bio.Bio] = new BioLife(IoClass.Discard, bio.Low, bio.High)
        {
            Sector = line.Sector,
            Sectors = (long)line.Length,
            EndJiffies = bio.High,
            FirstRecord = _closed,
            EnabledAtEnd = _enabled,
            EpochAtEnd = _epoch,
        };
    }

    /// <summary>On a kernel without the block layer's event the command's own length is all there is.</summary>
    private void AnnounceUnqueued(int pid)
    {
        if (_unqueued.Remove(pid, out var bytes)) AnnounceDiscard(pid, bytes);
    }

    private void AnnounceDiscard(int pid, long bytes)
    {
        if (_enabled != Switch.Off) _bytes.Announce(pid, ByteCounter.Discard, bytes, _enabled == Switch.On);
    }

    private void CopyDiscards(IoFollower other)
    {
        foreach (var (pid, jiffies) in other._discarding) _discarding[pid] = jiffies;
        foreach (var (pid, bio) in other._queuing) _queuing[pid] = bio;
        foreach (var (pid, bytes) in other._unqueued) _unqueued[pid] = bytes;
    }
}
