using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>
/// Blocks that are read. A block of data counts when it is put into a bio, before that is submitted (f2fs_read_single_page()); nodes and metadata
/// count afterwards (read_node_page(), __get_meta_page()).
/// </summary>
internal sealed partial class IoFollower
{
    /// <summary>The next record's number when a thread last submitted a read, or began a step.</summary>
    private readonly Dictionary<int, int> _readSince = [];

    private void CountRead(in TraceLine line)
    {
        if (line.Write || line.Type == PageType.Unknown) return;
        var counter = ByteCounter.ReadData + (int)line.Type;
        var since = _readSince.GetValueOrDefault(line.Pid);
        _readSince[line.Pid] = _opened;
        if (_enabled == Switch.Off) return;
        var bytes = (long)line.Number;
        if (line.Type == PageType.Data)
        {
            _budget.Spend(_opened - since);
            for (var index = since; index < _opened; index++) MayHold(index, counter, bytes);
            if (since < _opened && _lastBytes is { } last) last.High[(int)counter] += bytes;
        }
        _bytes.Announce(line.Pid, counter, bytes, _enabled == Switch.On);
    }

    private void MayHold(int index, ByteCounter counter, long bytes)
    {
        if (PlaceOf(index) is >= 0 and var at && _records[at].Bytes is { } shown) shown.High[(int)counter] += bytes;
    }
}
