using HilTests.Agent.Execution;
using HilTests.Core.Devices.F2fs;

namespace HilTests.Agent.F2fs;

/// <summary>A block device that exists for one program; disposing it takes it away.</summary>
internal abstract class Disk : IDisposable
{
    /// <summary>More than a program writes between two flushes, so that nothing leaves the cache by itself.</summary>
    private const int CacheMebibytes = 16;

    /// <summary>The device's name, e.g. <c>loop3</c>, as in /sys/block, /sys/fs/f2fs and /dev.</summary>
    public abstract string Name { get; }

    /// <summary>Its size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The node.</summary>
    public string Node => $"/dev/{Name}";

    /// <summary>Its number as the kernel prints it, <c>MAJOR:MINOR</c>.</summary>
    public string Number => KernelFile.MustRead($"/sys/block/{Name}/dev", "find the disk's number").Trim();

    /// <summary>I/Os and sectors (of 512 bytes) discarded since the disk was made, from /sys/block/NAME/stat.</summary>
    public (long Ios, long Sectors) Discards()
    {
        var fields = KernelFile.MustRead($"/sys/block/{Name}/stat", "read the disk's counters")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(fields[11]), long.Parse(fields[13]));
    }

    /// <summary>The holes of the file behind the disk, in blocks of 4096 bytes; null where there is no such file.</summary>
    public virtual IReadOnlyList<(long Start, long Length)>? Holes() => null;

    /// <summary>
    /// The beginning of a power cut: from here on nothing makes the disk flush. Stopping a file system may write its superblock with a flush
    /// (fs/f2fs/super.c f2fs_handle_stop()), which would save what the cut takes away.
    /// </summary>
    /// <exception cref="AgentFailureException">it has no cache to lose</exception>
    public virtual void FlushNoMore() => throw new AgentFailureException("this kind of disk keeps what it was given: 'crash' needs 'disk kind=null-blk-cached'");

    /// <summary>After <see cref="FlushNoMore"/>: switches the disk off and on again; what it had not flushed is gone.</summary>
    /// <exception cref="AgentFailureException">it has no cache to lose, or comes back under another name</exception>
    public virtual void CutPower() => FlushNoMore();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Makes the disk that the step describes.</summary>
    public static Disk Make(DiskStep step)
    {
        Disk disk = step.Kind switch
        {
            DiskKind.Loop => LoopDisk.Attach(step.Mebibytes, step.Fill),
            DiskKind.NullBlkCached => NullBlkDisk.Create(step, CacheMebibytes),
            DiskKind.Delay => DelayedDisk.Create(step),
            DiskKind.Scsi => ScsiDisk.Create(step),
            _ => NullBlkDisk.Create(step, 0),
        };
        if (step.Kind == DiskKind.Scsi) return disk;
        try
        {
            disk.LimitDiscards((long)step.DiscardMaxBlocks * FileContent.BlockSize);
            return disk;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sets the longest discard that the queue takes, 0 for what the disk can. Since 6.9 a queue keeps what somebody set, also when a loop device is given
    /// another file: what an earlier program set is taken back.
    /// </summary>
    private void LimitDiscards(long bytes)
    {
        var queue = $"/sys/block/{Name}/queue";
        if (bytes > 0)
        {
            KernelFile.Must($"{queue}/discard_max_bytes", bytes.ToString(), "limit the disk's discards");
            return;
        }
        var most = Number("discard_max_hw_bytes");
        // The queue takes whole steps of its granularity only.
        most -= most % Math.Max(1, Number("discard_granularity"));
        if (Number("discard_max_bytes") < most) KernelFile.Must($"{queue}/discard_max_bytes", most.ToString(), "let the disk's discards be as long as they can");

        long Number(string limit) => long.Parse(KernelFile.MustRead($"{queue}/{limit}", "read the disk's limits"));
    }
}
