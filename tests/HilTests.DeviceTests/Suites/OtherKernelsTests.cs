using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.DeviceTests.Fixtures;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.DeviceTests.Suites;

/// <summary>
/// The suites on every kernel of vm-images/kernels.list but the one of <see cref="StockKernelTests"/>. What a kernel lacks is skipped by name; a
/// kernel that cannot be had (no network) is a skipped test, too.
/// </summary>
[TestFixtureSource(nameof(Kernels))]
public sealed class OtherKernelsTests(string kernel)
{
    private const ulong Seed = 1;
    private const int GeneratedOfF2fs = 2;
    private const int GeneratedOfOthers = 20;

    private readonly LabMachine _lab = new(new MachineOptions { Kernel = kernel });

    private static IEnumerable<string> Kernels => KernelList.Load(SourceTree.Find()).Kernels.Select(k => k.Name).Where(n => n != "bookworm");

    private static IReadOnlyCollection<string> Devices => ModelRegistry.Usual;

    [OneTimeSetUp]
    public async Task Fetch()
    {
        await HostRequirements.EnsureAsync(TestContext.Progress.WriteLine, CancellationToken.None);
        try
        {
            await new KernelStore(KernelList.Load(SourceTree.Find()), CacheFolder.Default(), TestContext.Progress.WriteLine)
                .ResolveAsync(kernel, CancellationToken.None);
        }
        catch (InfrastructureException e)
        {
            Assert.Ignore($"kernel {kernel} cannot be had: {e.Message}");
        }
    }

    [TearDown]
    public void Keep() => _lab.AttachOnFailure();

    [TestCaseSource(nameof(Devices)), CancelAfter(600_000)]
    public async Task Conforms(string device, CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get(device);
        var profile = await ProbeAsync(cancellation);
        var planned = suite.Programs(Seed, device == "f2fs" ? GeneratedOfF2fs : GeneratedOfOthers).ToLookup(p => suite.Model.Lacks(profile, p));
        foreach (var skipped in planned.Where(g => g.Key is not null))
            await TestContext.Out.WriteLineAsync($"skipped, {skipped.Key}: {string.Join(", ", skipped.Select(p => p.Name))}");
        List<Program> programs = [.. planned[null]];
        Assume.That(programs, Is.Not.Empty, "the kernel lacks what every program is about");

        var results = await _lab.JudgeAsync(suite, programs, cancellation);
        var wrong = results.Where(r => r.Judgement?.Verdict is not Verdict.Conforms).Select(r => $"{r.Program.Name}: {r.Judgement?.Verdict}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(results, Has.Count.EqualTo(programs.Count));
            Assert.That(wrong, Is.Empty);
        }
    }

    private async Task<KernelProfile> ProbeAsync(CancellationToken cancellation)
    {
        await using var lease = await _lab.RentAsync(cancellation);
        return KernelProfile.Parse((await lease.Machine.ProbeAsync(cancellation)).Trim());
    }
}
