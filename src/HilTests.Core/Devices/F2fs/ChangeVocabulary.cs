using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.F2fs;

/// <summary>The steps that change files in other ways than write(2), that wait for discards and that cut the power.</summary>
internal static class ChangeVocabulary
{
    private const long BiggestOffset = 1L << 34;
    private const int BiggestWrite = 16 << 20;
    private const int BiggestBeside = 1 << 20;

    public static IEnumerable<StepSyntax> Steps() =>
    [
        StepSyntax.For<WriteMappedStep>("write-mapped", "writes through a shared mapping",
            a => new(a.Word("file"), a.Number("offset", 0, BiggestOffset, 0), a.Int("length", 1, BiggestWrite), a.ULong("seed"), a.Flag("sync")),
            s => [("file", F2fsVocabulary.FileName(s.File)), ("offset", Value.Of(s.Offset)), ("length", Value.Of(s.Length)), ("seed", Value.Hex(s.Seed)), ("sync", Yes(s.Sync))]),
        StepSyntax.For<FdatasyncStep>("fdatasync", "fdatasync(2)", a => new(a.Word("file")), s => [("file", F2fsVocabulary.FileName(s.File))]),
        StepSyntax.For<CheckpointStep>("checkpoint", "writes a checkpoint: metadata, not what is in files"),
        StepSyntax.For<FallocateStep>("fallocate", "reserves, punches, zeroes, cuts out or inserts a range",
            a => new(a.Word("file"), a.Choice<RangeChange>("change"), a.Number("offset", 0, BiggestOffset, 0), a.Number("length", 1, BiggestOffset)),
            s => [("file", F2fsVocabulary.FileName(s.File)), ("change", Choices.Of(s.Change)), ("offset", Value.Of(s.Offset)), ("length", Value.Of(s.Length))]),
        StepSyntax.For<RenameStep>("rename", "rename(2)",
            a => new(a.Word("file"), a.Word("to")),
            s => [("file", F2fsVocabulary.FileName(s.File)), ("to", F2fsVocabulary.FileName(s.To))]),
        StepSyntax.For<CollectStep>("collect", "cleans one section"),
        StepSyntax.For<WriteAtomicStep>("write-atomic", "an atomic write, committed or aborted",
            a => new(a.Word("file"), a.Number("offset", 0, BiggestOffset, 0), a.Int("length", 1, BiggestWrite), a.ULong("seed"), a.Flag("commit")),
            s => [("file", F2fsVocabulary.FileName(s.File)), ("offset", Value.Of(s.Offset)), ("length", Value.Of(s.Length)), ("seed", Value.Hex(s.Seed)), ("commit", Yes(s.Commit))]),
        StepSyntax.For<TrimBesideStep>("trim-beside", "trims while another thread writes",
            a => new(a.Word("file"), a.Int("length", 1, BiggestBeside), a.ULong("seed"), a.Int("rounds", 1, 20)),
            s => [("file", F2fsVocabulary.FileName(s.File)), ("length", Value.Of(s.Length)), ("seed", Value.Hex(s.Seed)), ("rounds", Value.Of(s.Rounds))]),
        StepSyntax.For<DrainStep>("drain", "waits until no discard is left to issue",
            a => new(a.Int("ms", 1, 10000)),
            s => [("ms", Value.Of(s.Milliseconds))]),
        StepSyntax.For<CrashStep>("crash", "cuts the power: the disk loses what was not flushed"),
    ];

    private static Value? Yes(bool flag) => flag ? Value.Symbol("yes") : null;
}
