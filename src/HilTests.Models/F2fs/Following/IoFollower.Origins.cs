using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>
/// For whom a block is written: a thread writes for a checkpoint while it makes one, and for garbage collection while it collects and
/// makes none (fs/f2fs/checkpoint.c block_operations(), do_checkpoint(); gc.c move_data_page(); node.c f2fs_move_node_page()). Events
/// tell when it begins and ends either.
/// </summary>
internal sealed partial class IoFollower
{
    private readonly HashSet<int> _checkpointing = [];
    private readonly HashSet<int> _collecting = [];

    /// <summary>Threads that have written a block and not yet counted it.</summary>
    private readonly HashSet<int> _wrote = [];

    /// <summary>Whether the trace shows when checkpoints and garbage collection begin and end.</summary>
    public bool KnowsOrigins { get; init; }

    /// <summary>Whether the line is about a checkpoint or garbage collection.</summary>
    private bool FollowOrigin(in TraceLine line)
    {
        switch (line.Kind)
        {
            case TraceLineKind.CheckpointBegin:
                ShowUp(line.Pid);
                _checkpointing.Add(line.Pid);
                return true;
            case TraceLineKind.CheckpointEnd:
                ShowUp(line.Pid);
                _checkpointing.Remove(line.Pid);
                return true;
            case TraceLineKind.CollectBegin:
                ShowUp(line.Pid);
                _collecting.Add(line.Pid);
                if (!KnowsOrigins) MoveAnything();
                return true;
            case TraceLineKind.CollectEnd:
                ShowUp(line.Pid);
                _collecting.Remove(line.Pid);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Nothing says when garbage collection ends: from here on it may have moved any number of blocks.</summary>
    private void MoveAnything()
    {
        foreach (var counter in (ReadOnlySpan<ByteCounter>)[ByteCounter.CollectedData, ByteCounter.CollectedNode, ByteCounter.CollectedRead])
            _bytes.Add(counter, MostCollected, sure: false);
    }

    private BlockOrigin OriginOf(int pid) =>
        _checkpointing.Contains(pid) ? BlockOrigin.Checkpoint : _collecting.Contains(pid) ? BlockOrigin.Collection : BlockOrigin.Ordinary;

    private void WritePage(in TraceLine line)
    {
        ShowUp(line.Pid);
        Holes?.Fill((long)line.Number);
        if (line.Type == PageType.Unknown || !line.Write || _enabled == Switch.Off) return;
        var sum = ByteCounter.WrittenData + (int)line.Type;
        if (_wrote.Add(line.Pid))
        {
            var sure = _enabled == Switch.On;
            _bytes.Announce(line.Pid, sum, FileContent.BlockSize, sure);
            if (KnowsOrigins) _bytes.Announce(line.Pid, ByteCounters.Of(line.Type, OriginOf(line.Pid)), FileContent.BlockSize, sure);
            return;
        }
        // A second block before the first is counted: the thread submits what another one has queued (f2fs_submit_page_write()), and
        // which of the two is whose cannot be told. The other one counts it, at a time of its own.
        _bytes.Add(sum, FileContent.BlockSize, sure: false);
        if (!KnowsOrigins) return;
        foreach (var part in ByteCounters.Parts)
        {
            if (ByteCounters.SumOf(part) == sum) _bytes.Add(part, FileContent.BlockSize, sure: false);
        }
    }

    private void CopyOrigins(IoFollower other)
    {
        _checkpointing.UnionWith(other._checkpointing);
        _collecting.UnionWith(other._collecting);
        _wrote.UnionWith(other._wrote);
    }
}
