using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.DeviceTests.Fixtures;
using HilTests.Models;

namespace HilTests.DeviceTests.Suites;

/// <summary>The stock kernel's devices against their models: not one verdict may be anything but "conforms".</summary>
[Parallelizable(ParallelScope.All)]
public sealed class StockKernelTests
{
    private const int Seeds = 20;

    /// <summary>The nightly run takes this many more; HIL_SEEDS says another number.</summary>
    private static readonly int NightlySeeds = int.TryParse(Environment.GetEnvironmentVariable("HIL_SEEDS"), out var seeds) ? seeds : 500;

    /// <summary>Generated programs a seed at night: with the hand-written ones left out, a second or two.</summary>
    private const int NightlyPrograms = 40;

    private const int SeedsWithAll = 3;

    private readonly LabMachine _lab = new();

    private static IEnumerable<TestCaseData> HandWritten =>
        from device in ModelRegistry.Usual
        from program in ModelRegistry.Get(device).HandWritten
        select new TestCaseData(device, program).SetArgDisplayNames(device, program.Name);

    private static IEnumerable<TestCaseData> SeedCases =>
        from device in ModelRegistry.Usual
        from seed in Enumerable.Range(1, Seeds)
        select new TestCaseData(device, (ulong)seed);

    [TearDown]
    public void Keep() => _lab.AttachOnFailure();

    [TestCaseSource(nameof(HandWritten)), CancelAfter(600_000)]
    public async Task Conforms_in_every_hand_written_program(string device, Program program, CancellationToken cancellation)
    {
        var trace = await _lab.RunAsync(program, cancellation);
        var model = ModelRegistry.Get(device).Model;
        if (model.Lacks(trace.Profile, program) is { } why) Assert.Ignore(why);
        Assert.That(trace, Conforms.To(model));
    }

    [Explicit("takes half an hour; run with --filter TestCategory=Nightly")]
    [Category("Nightly")]
    [Test, NonParallelizable, CancelAfter(14_400_000)]
    public async Task Conforms_under_load_whatever_the_seed(CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get("vhost-net");
        using var load = BusyCores.Start();
        var wrong = new List<string>();
        var (judged, inconclusive) = (0, 0);
        for (ulong seed = 1001; seed <= 1000 + (ulong)NightlySeeds; seed++)
        {
            var programs = suite.Programs(seed, NightlyPrograms).Skip(suite.HandWritten.Count).ToList();
            foreach (var (program, judgement) in await _lab.JudgeAsync(suite, programs, cancellation))
            {
                if (judgement is null) continue;
                judged++;
                if (judgement.Verdict is Verdict.Inconclusive) inconclusive++;
                else if (judgement.Verdict is not Verdict.Conforms) wrong.Add($"seed {seed}, {program.Name}: {judgement.Verdict}");
            }
        }
        await TestContext.Out.WriteLineAsync($"{NightlySeeds} seeds, {judged} programs judged, {inconclusive} inconclusive");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(judged, Is.EqualTo(NightlySeeds * NightlyPrograms));
            Assert.That(inconclusive, Is.LessThanOrEqualTo(judged / 100), "at most one program in a hundred");
        }
    }

    [TestCaseSource(nameof(SeedCases)), CancelAfter(600_000)]
    public async Task Conforms_whatever_the_seed(string device, ulong seed, CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get(device);
        // What was written by hand is the same with every seed: it is run with the first ones.
        var programs = suite.Programs(seed, SuiteRuns.Generated(device)).Skip(seed <= SeedsWithAll ? 0 : suite.HandWritten.Count).ToList();
        var results = await _lab.JudgeAsync(suite, programs, cancellation);
        var wrong = results.Where(r => r.Judgement is { Verdict: not Verdict.Conforms }).Select(r => $"{r.Program.Name}: {r.Judgement!.Verdict}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(results, Has.Count.EqualTo(programs.Count));
            Assert.That(wrong, Is.Empty);
        }
    }
}
