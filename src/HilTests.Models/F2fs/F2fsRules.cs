using HilTests.Core.Predictions;

namespace HilTests.Models.F2fs;

/// <summary>The rules of f2fs; docs/rules/f2fs.md explains each.</summary>
public static class F2fsRules
{
    public static Rule Setup { get; } = new("f2fs.setup", "docs/rules/f2fs.md#setup", "a disk can be made, formatted and mounted");
    public static Rule MountOptions { get; } = new("f2fs.mount.options", "fs/f2fs/super.c parse_options(), f2fs_fill_super()", "mounting fails with EINVAL for an unknown option or a disk without f2fs");
    public static Rule Umount { get; } = new("f2fs.umount", "fs/namespace.c ksys_umount()", "unmounting works when nothing is open, and says EINVAL where nothing is mounted");
    public static Rule Files { get; } = new("f2fs.file.result", "fs/f2fs/file.c, fs/f2fs/namei.c", "file operations work on files that are there and say ENOENT otherwise");
    public static Rule Written { get; } = new("f2fs.file.written", "fs/f2fs/file.c f2fs_file_write_iter()", "a write with room on the disk writes all its bytes");
    public static Rule Length { get; } = new("f2fs.data.length", "docs/rules/f2fs.md#data", "a file is as long as what was written to it or truncated to");
    public static Rule Content { get; } = new("f2fs.data.content", "docs/rules/f2fs.md#data", "what is read is what was written last, also after a trim, dropped caches and a remount");
    public static Rule Attributes { get; } = new("f2fs.sysfs", "fs/f2fs/sysfs.c __sbi_store()", "an attribute takes values in its range and says EINVAL otherwise");
    public static Rule AttributeContent { get; } = new("f2fs.sysfs.content", "fs/f2fs/sysfs.c f2fs_sbi_show()", "an attribute shows what was written to it");
    public static Rule TrimResult { get; } = new("f2fs.fitrim.result", "fs/f2fs/file.c f2fs_ioc_fitrim(), fs/f2fs/segment.c f2fs_trim_fs()", "FITRIM needs CAP_SYS_ADMIN, a start inside the file system and a block of length");
    public static Rule TrimLength { get; } = new("f2fs.fitrim.len", "fs/f2fs/segment.c f2fs_trim_fs()", "FITRIM returns the bytes that the disk discarded meanwhile; 0 where discards are left to the background");
    public static Rule TrimRepeat { get; } = new("f2fs.fitrim.repeat", "fs/f2fs/segment.c f2fs_trim_fs()", "FITRIM of what was just trimmed discards nothing");
    public static Rule TrimFreed { get; } = new("f2fs.fitrim.freed", "fs/f2fs/segment.c f2fs_trim_fs(), add_discard_addrs()", "FITRIM of everything discards at least the blocks of files that were on disk and are deleted");
    public static Rule TrimIssued { get; } = new("f2fs.discard.issued", "fs/f2fs/segment.c __submit_discard_cmd()", "the commands issued during a FITRIM add up to what it returned, and none are issued besides");
    public static Rule TrimMinimum { get; } = new("f2fs.fitrim.minlen", "fs/f2fs/segment.c add_discard_addrs(), __issue_discard_cmd_range()", "extents shorter than minlen are left");
    public static Rule TrimRange { get; } = new("f2fs.fitrim.range", "fs/f2fs/segment.c f2fs_trim_fs()", "nothing outside the segments of the range is discarded");
    public static Rule TrimBlocks { get; } = new("f2fs.fitrim.blocks", "fs/f2fs/segment.c add_discard_addrs(), f2fs_clear_prefree_segments()", "FITRIM discards, block by block, what is free in the range's segments, was not discarded since it was written, and is long enough");
    public static Rule DiscardUnused { get; } = new("f2fs.discard.unused", "docs/rules/f2fs.md#witnesses", "no block is discarded that is in use or that the last checkpoint holds");
    public static Rule DiscardDone { get; } = new("f2fs.discard.done", "fs/f2fs/segment.c __submit_discard_cmd()", "the disk discards the blocks that f2fs says it discards");
    public static Rule DiscardBackground { get; } = new("f2fs.discard.background", "fs/f2fs/segment.c issue_discard_thread(), f2fs_issue_discard_timeout()", "what a discard mount files is discarded by the background when it is idle, and at the latest at the unmount");
    public static Rule DiscardGranularity { get; } = new("f2fs.discard.granularity", "fs/f2fs/segment.c __issue_discard_cmd(); Documentation/ABI/testing/sysfs-fs-f2fs", "the background issues no command shorter than discard_granularity, where nothing is urgent");
    public static Rule Recovered { get; } = new("f2fs.data.recovered", "fs/f2fs/recovery.c, docs/rules/f2fs.md#data", "after a power cut what was synced is there, and what was not is old or new, block by block");
    public static Rule Paused { get; } = new("f2fs.checkpoint.paused", "fs/f2fs/file.c f2fs_ioc_write_checkpoint(), Documentation/filesystems/f2fs.rst", "while checkpoints are paused none can be asked for");
    public static Rule Holes { get; } = new("f2fs.discard.holes", "docs/rules/f2fs.md#witnesses", "the disk's file has holes where commands were issued and nothing was written since, and nowhere else");
    public static Rule RecordTime { get; } = new("f2fs.record.period", "fs/f2fs/iostat.c f2fs_record_iostat()", "a record is made at the first counter update at or after the last record's time plus the period of then");
    public static Rule RecordOff { get; } = new("f2fs.record.off", "fs/f2fs/iostat.c f2fs_update_iostat()", "no record is made while statistics are off");
    public static Rule LatencyCount { get; } = new("f2fs.latency.count", "fs/f2fs/iostat.c __update_iostat_latency()", "a record counts, by class, the bios that completed since the last record while statistics were on");
    public static Rule LatencyTotal { get; } = new("f2fs.latency.total", "fs/f2fs/iostat.c __record_iostat_latency()", "a bio that completes beside a record is counted in one of the two, once");
    public static Rule LatencyPeak { get; } = new("f2fs.latency.peak", "fs/f2fs/iostat.c __record_iostat_latency()", "the peak is the longest time between submission and completion in the record, in ticks, shown in ms");
    public static Rule LatencyAverage { get; } = new("f2fs.latency.average", "fs/f2fs/iostat.c __record_iostat_latency()", "the average is the sum of ticks in ms, divided by the count, rounded down");
    public static Rule RecordBytes { get; } = new("f2fs.record.bytes", "fs/f2fs/iostat.c f2fs_record_iostat()", "a record shows how the byte counters grew since the last record");
    public static Rule AppBytes { get; } = new("f2fs.iostat.app", "fs/f2fs/file.c f2fs_buffered_write_iter(), f2fs_file_read_iter()", "application counters grow by the bytes that calls returned while statistics were on");
    public static Rule WrittenBytes { get; } = new("f2fs.iostat.fs-write", "fs/f2fs/segment.c do_write_page() and its callers", "file system counters grow by one block for each block written");
    public static Rule BlockOrigins { get; } = new("f2fs.iostat.origin", "fs/f2fs/checkpoint.c block_operations(), do_checkpoint(), fs/f2fs/gc.c move_data_page(), fs/f2fs/node.c f2fs_move_node_page()", "a written block counts for the checkpoint or the garbage collection that its thread is busy with, else for the file system");
    public static Rule ReadBytes { get; } = new("f2fs.iostat.fs-read", "fs/f2fs/data.c f2fs_read_single_page(), fs/f2fs/node.c read_node_page()", "file system counters grow by one block for each block read");
    public static Rule DiscardBytes { get; } = new("f2fs.iostat.discard", "fs/f2fs/segment.c __submit_discard_cmd()", "the discard counter grows by the bytes of each discard that is issued");
    public static Rule InfoOff { get; } = new("f2fs.iostat.off", "fs/f2fs/iostat.c iostat_info_seq_show()", "iostat_info is empty while statistics are off");

    /// <summary>Every rule.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        Setup, MountOptions, Umount, Files, Written, Length, Content, Attributes, AttributeContent, TrimResult, TrimLength, TrimRepeat,
        TrimFreed, TrimIssued, TrimMinimum, TrimRange, TrimBlocks, DiscardUnused, DiscardDone, DiscardBackground, DiscardGranularity, Recovered, Paused, Holes, RecordTime, RecordOff, LatencyCount, LatencyTotal, LatencyPeak,
        LatencyAverage, RecordBytes, AppBytes, WrittenBytes, BlockOrigins, ReadBytes, DiscardBytes, InfoOff,
    ];
}
