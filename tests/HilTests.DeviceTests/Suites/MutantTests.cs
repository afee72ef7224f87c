using HilTests.Core.Judging;
using HilTests.DeviceTests.Fixtures;
using HilTests.Models;

namespace HilTests.DeviceTests.Suites;

/// <summary>Kernels that are wrong on purpose must be found out; those that only look different must not.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class MutantTests
{
    private const ulong Seed = 1;

    /// <summary>How many wrong kernels of each device are tried every time; the audit tries all.</summary>
    private const int EveryTime = 4;

    private static IEnumerable<TestCaseData> Wrong => Cases("", (_, number) => number < EveryTime);

    private static IEnumerable<TestCaseData> MoreWrong => Cases("", (_, number) => number >= EveryTime);

    private static IEnumerable<TestCaseData> Harmless => Cases("harmless", (_, _) => true);

    [TestCaseSource(nameof(Wrong)), CancelAfter(600_000)]
    public Task Diverges_by_the_rule_that_is_broken(Mutant mutant, CancellationToken cancellation) => FindOutAsync(mutant, cancellation);

    [Explicit("takes a quarter of an hour; run with --filter TestCategory=Audit")]
    [Category("Audit")]
    [TestCaseSource(nameof(MoreWrong)), CancelAfter(600_000)]
    public Task Diverges_by_the_rule_that_is_broken_in_the_audit(Mutant mutant, CancellationToken cancellation) => FindOutAsync(mutant, cancellation);

    [TestCaseSource(nameof(Harmless)), CancelAfter(600_000)]
    public async Task Conforms_where_only_what_is_left_open_changes(Mutant mutant, CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get(mutant.Device);
        var lab = new LabMachine(await mutant.BuildAsync(cancellation));
        var results = await lab.JudgeAsync(suite, [.. suite.Programs(Seed, SuiteRuns.Generated(mutant.Device))], cancellation);
        Assert.That(results.Where(r => r.Judgement is { Verdict: not Verdict.Conforms }).Select(r => $"{r.Program.Name}: {r.Judgement!.Verdict}"), Is.Empty);
    }

    private static async Task FindOutAsync(Mutant mutant, CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get(mutant.Device);
        var lab = new LabMachine(await mutant.BuildAsync(cancellation));
        var found = await lab.FirstDivergenceAsync(suite, [.. suite.Programs(Seed, SuiteRuns.Generated(mutant.Device))], cancellation);
        Assert.That(found, Is.Not.Null, "every program conforms");
        await TestContext.Out.WriteLineAsync($"{found.Value.Program.Name}: {found.Value.Discrepancy}");
        Assert.That(found.Value.Discrepancy.Rule.Id, Is.EqualTo(mutant.BrokenRule));
    }

    private static IEnumerable<TestCaseData> Cases(string folder, Func<Mutant, int, bool> wanted) =>
        from device in ModelRegistry.Devices
        from mutant in Mutant.Of(device, folder).Where(wanted)
        select new TestCaseData(mutant).SetArgDisplayNames(device, mutant.ToString());
}
