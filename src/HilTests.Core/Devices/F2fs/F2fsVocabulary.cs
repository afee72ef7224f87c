using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.F2fs;

/// <summary>The steps of f2fs programs.</summary>
public static class F2fsVocabulary
{
    private const long BiggestOffset = 1L << 34;
    private const int BiggestWrite = 16 << 20;

    public static DeviceVocabulary Instance { get; } = new("f2fs", [.. Disk(), .. Files(), .. Statistics(), .. ChangeVocabulary.Steps()]);

    private static IEnumerable<StepSyntax> Disk() =>
    [
        StepSyntax.For<DiskStep>("disk", "makes the disk: loop over a file in memory, null_blk, null_blk behind dm-delay, or scsi_debug",
            a => new(a.Choice<DiskKind>("kind"), a.Int("mib", 52, 1024, 64), a.Flag("fill"), a.Int("latency-us", 0, 1_000_000, 0))
            {
                CanDiscard = a.Word("can-discard", "yes") != "no",
                DiscardMaxBlocks = a.Int("discard-max", 0, 1 << 18, 0),
                BadBlocks = a.Int("bad-blocks", 0, 4096, 0),
                WriteLatencyMicroseconds = a.Int("write-latency-us", 0, 1_000_000, 0),
                GranularityBlocks = a.Int("granularity", 0, 512, 0),
            },
            s =>
            [
                ("kind", Choices.Of(s.Kind)), ("mib", Value.Of(s.Mebibytes)), ("fill", Yes(s.Fill)), ("latency-us", NotZero(s.LatencyMicroseconds)),
                ("can-discard", s.CanDiscard ? null : Value.Symbol("no")), ("discard-max", NotZero(s.DiscardMaxBlocks)), ("bad-blocks", NotZero(s.BadBlocks)),
                ("write-latency-us", NotZero(s.WriteLatencyMicroseconds)), ("granularity", NotZero(s.GranularityBlocks)),
            ]),
        StepSyntax.For<NeighbourStep>("neighbour", "makes and mounts a second f2fs beside the program's"),
        StepSyntax.For<NeighbourWriteStep>("neighbour-write", "writes and syncs a file of the second f2fs",
            a => new(a.Int("length", 1, BiggestWrite)),
            s => [("length", Value.Of(s.Length))]),
        StepSyntax.For<MkfsStep>("mkfs", "makes an f2fs on the disk, without trimming it"),
        StepSyntax.For<MountStep>("mount", "mounts the disk",
            a => new(a.Word("options", "")),
            s => [("options", Value.Text(s.Options))]),
        StepSyntax.For<RemountStep>("remount", "changes the mount options",
            a => new(a.Word("options", "")),
            s => [("options", Value.Text(s.Options))]),
        StepSyntax.For<UmountStep>("umount", "unmounts"),
        StepSyntax.For<DropCachesStep>("drop-caches", "drops clean pages from memory"),
        StepSyntax.For<FitrimStep>("fitrim", "discards free space; range and shortest extent in bytes",
            a => new(a.ULong("start", 0), a.ULong("length", ulong.MaxValue), a.ULong("minlen", 0), a.Word("privileged", "yes") != "no"),
            s => [("start", Value.Hex(s.Start)), ("length", Value.Hex(s.Length)), ("minlen", Value.Hex(s.MinLength)), ("privileged", s.Privileged ? null : Value.Symbol("no"))]),
    ];

    private static IEnumerable<StepSyntax> Files() =>
    [
        StepSyntax.For<WriteStep>("write", "writes through the page cache",
            a => new(a.Word("file"), a.Number("offset", 0, BiggestOffset, 0), a.Int("length", 1, BiggestWrite), a.ULong("seed")),
            s => [("file", FileName(s.File)), ("offset", Value.Of(s.Offset)), ("length", Value.Of(s.Length)), ("seed", Value.Hex(s.Seed))]),
        StepSyntax.For<WriteDirectStep>("write-direct", "writes past the page cache",
            a => new(a.Word("file"), a.Number("offset", 0, BiggestOffset, 0), a.Int("length", 1, BiggestWrite), a.ULong("seed")),
            s => [("file", FileName(s.File)), ("offset", Value.Of(s.Offset)), ("length", Value.Of(s.Length)), ("seed", Value.Hex(s.Seed))]),
        StepSyntax.For<ReadStep>("read", "reads a whole file and digests its blocks",
            a => new(a.Word("file"), a.Flag("direct")),
            s => [("file", FileName(s.File)), ("direct", Yes(s.Direct))]),
        Named<FsyncStep>("fsync", "fsync(2)", f => new(f), s => s.File),
        Named<WritebackStep>("writeback", "starts to write a file's dirty pages, without waiting", f => new(f), s => s.File),
        StepSyntax.For<SyncStep>("sync", "syncfs(2)"),
        Named<DeleteStep>("delete", "unlink(2)", f => new(f), s => s.File),
        StepSyntax.For<TruncateStep>("truncate", "ftruncate(2)",
            a => new(a.Word("file"), a.Number("length", 0, BiggestOffset)),
            s => [("file", FileName(s.File)), ("length", Value.Of(s.Length))]),
        StepSyntax.For<PassStep>("pass", "lets time pass",
            a => new(a.Int("ms", 1, 5000)),
            s => [("ms", Value.Of(s.Milliseconds))]),
    ];

    private static IEnumerable<StepSyntax> Statistics() =>
    [
        StepSyntax.For<IostatStep>("iostat", "switches the I/O statistics on or off",
            a => new(a.Flag("enable")),
            s => [("enable", Value.Symbol(s.Enable ? "yes" : "no"))]),
        StepSyntax.For<IostatPeriodStep>("iostat-period", "sets the period of the records",
            a => new(a.Number("ms")),
            s => [("ms", Value.Of(s.Milliseconds))]),
        StepSyntax.For<SetAttributeStep>("set-attribute", "writes a sysfs attribute of the mounted file system",
            a => new(a.Word("name"), a.Word("content")),
            s => [("name", Value.Text(s.Name)), ("content", Value.Text(s.Content))]),
        StepSyntax.For<ReadAttributeStep>("read-attribute", "reads a sysfs attribute of the mounted file system",
            a => new(a.Word("name")),
            s => [("name", Value.Text(s.Name))]),
        StepSyntax.For<ReadIostatInfoStep>("read-iostat-info", "reads the byte counters"),
        StepSyntax.For<TraceStartStep>("trace-start", "begins to record kernel events"),
        StepSyntax.For<TraceReadStep>("trace-read", "takes out the kernel events so far"),
    ];

    private static StepSyntax Named<T>(string name, string summary, Func<string, T> make, Func<T, string> file)
        where T : Step =>
        StepSyntax.For<T>(name, summary, a => make(a.Word("file")), s => [("file", FileName(file(s)))]);

    internal static Value FileName(string name) => char.IsAsciiLetter(name.FirstOrDefault()) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')
        ? Value.Symbol(name)
        : Value.Text(name);

    private static Value? Yes(bool flag) => flag ? Value.Symbol("yes") : null;

    private static Value? NotZero(int number) => number == 0 ? null : Value.Of(number);
}
