using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.DeviceTests.Fixtures;
using HilTests.Models;

namespace HilTests.DeviceTests.F2fs;

/// <summary>A short f2fs test: what FITRIM gives back, and that the live file stays whole.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class FirstTrimTests
{
    private readonly LabMachine _lab = new();

    [TearDown]
    public void Keep() => _lab.AttachOnFailure();

    [Test, CancelAfter(120_000)]
    public async Task A_deleted_file_is_trimmed_once(CancellationToken cancellation)
    {
        var program = ProgramText.Parse("""
            hil-program 1
            name first-trim
            device f2fs
            disk kind=loop mib=56
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            write file=gone length=1048576 seed=1
            write file=kept length=262144 seed=2
            sync
            delete file=gone
            sync
            fitrim
            trace-read
            fitrim
            trace-read
            drop-caches
            read file=kept
            """);

        var trace = await _lab.RunAsync(program, cancellation);

        Assert.That(trace, Conforms.To(ModelRegistry.Get("f2fs").Model));
        var trimmed = trace.Entries.Where(e => e.Observation!["len"] is not null).Select(e => ((NumberValue)e.Observation!["len"]!).Number).ToList();
        Assert.That(trimmed, Has.Count.EqualTo(2));
        Assert.That(trimmed[0], Is.GreaterThanOrEqualTo(1048576), "the file's own blocks at least");
        Assert.That(trimmed[1], Is.Zero, "nothing was freed between the two calls");
    }
}
