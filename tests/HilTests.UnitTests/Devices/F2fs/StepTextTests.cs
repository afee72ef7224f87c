using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;

namespace HilTests.UnitTests.Devices.F2fs;

public sealed class StepTextTests
{
    private static readonly Gen<string> Names = Gen.Elements("a", "f1", "long-name.txt", "with space", "yes", "h'", "");

    private static readonly Gen<ulong> Numbers = Gen.OneOf(Gen.Elements(0UL, 1UL, 4096UL, ulong.MaxValue, 1UL << 63), Gen.Choose(0, int.MaxValue).Select(n => (ulong)n));

    private static readonly Gen<long> Offsets = Gen.Choose(0, int.MaxValue).Select(n => (long)n);

    private static readonly Gen<string> Texts = Gen.Elements("", "nodiscard,background_gc=off", "a \"b\" \\ c", "1", "two\nlines");

    private static readonly Gen<int> Lengths = Gen.Choose(1, 16 << 20);

    /// <summary>A generator for each kind of step; <see cref="Every_kind_of_step_is_tried"/> keeps it whole.</summary>
    private static readonly Gen<Step>[] Steps =
    [
        from kind in Gen.Elements(Enum.GetValues<DiskKind>()) from mib in Gen.Choose(52, 1024) from fill in Gen.Elements(true, false) from us in Gen.Choose(0, 1_000_000)
        select (Step)new DiskStep(kind, mib, fill, us),
        Gen.Constant((Step)new MkfsStep()), Texts.Select(o => (Step)new MountStep(o)), Texts.Select(o => (Step)new RemountStep(o)),
        Gen.Constant((Step)new UmountStep()), Gen.Constant((Step)new DropCachesStep()), Gen.Constant((Step)new SyncStep()),
        from start in Numbers from length in Numbers from minimum in Numbers from privileged in Gen.Elements(true, false)
        select (Step)new FitrimStep(start, length, minimum, privileged),
        from file in Names from offset in Offsets from length in Lengths from seed in Numbers select (Step)new WriteStep(file, offset, length, seed),
        from file in Names from offset in Offsets from length in Lengths from seed in Numbers select (Step)new WriteDirectStep(file, offset, length, seed),
        from file in Names from direct in Gen.Elements(true, false) select (Step)new ReadStep(file, direct),
        Names.Select(f => (Step)new FsyncStep(f)), Names.Select(f => (Step)new WritebackStep(f)), Names.Select(f => (Step)new DeleteStep(f)),
        from file in Names from length in Offsets select (Step)new TruncateStep(file, length),
        Gen.Choose(1, 5000).Select(ms => (Step)new PassStep(ms)), Gen.Elements(true, false).Select(on => (Step)new IostatStep(on)),
        Offsets.Select(ms => (Step)new IostatPeriodStep(ms)),
        from name in Texts from content in Texts select (Step)new SetAttributeStep(name, content),
        Texts.Select(name => (Step)new ReadAttributeStep(name)),
        from file in Names from offset in Offsets from length in Lengths from seed in Numbers from sync in Gen.Elements(true, false)
        select (Step)new WriteMappedStep(file, offset, length, seed, sync),
        from file in Names from offset in Offsets from length in Lengths from seed in Numbers from commit in Gen.Elements(true, false)
        select (Step)new WriteAtomicStep(file, offset, length, seed, commit),
        from file in Names from change in Gen.Elements(Enum.GetValues<RangeChange>()) from offset in Offsets from length in Lengths
        select (Step)new FallocateStep(file, change, offset, length),
        from file in Names from length in Gen.Choose(1, 1 << 20) from seed in Numbers from rounds in Gen.Choose(1, 20) select (Step)new TrimBesideStep(file, length, seed, rounds),
        from file in Names from to in Names select (Step)new RenameStep(file, to),
        Names.Select(f => (Step)new FdatasyncStep(f)), Gen.Choose(100, 10000).Select(ms => (Step)new DrainStep(ms)),
        Gen.Constant((Step)new CheckpointStep()), Gen.Constant((Step)new CollectStep()), Gen.Constant((Step)new CrashStep()),
        Gen.Constant((Step)new ReadIostatInfoStep()), Gen.Constant((Step)new TraceStartStep()), Gen.Constant((Step)new TraceReadStep()),
    ];

    [Test]
    public void What_is_printed_reads_back_equal() => Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(Gen.OneOf(Steps)), step =>
        ProgramText.ParseStep(F2fsVocabulary.Instance, ProgramText.PrintStep("f2fs", step)).Equals(step)));

    [Test]
    public void Every_kind_of_step_is_tried()
    {
        var tried = Steps.Select(s => s.Sample(1).First().GetType());

        Assert.That(tried, Is.EquivalentTo(F2fsVocabulary.Instance.Steps.Select(s => s.StepType)));
    }
}
