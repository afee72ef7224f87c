using HilTests.Core.Kernel;
using HilTests.DeviceTests.Fixtures;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;

namespace HilTests.DeviceTests.Machines;

/// <summary>Modules built here, on kernels of other suites; and what is said where they cannot be built.</summary>
[Explicit("downloads the sources of two kernels, 250 MB; run with --filter TestCategory=Audit")]
[Category("Audit")]
public sealed class BuiltModulesTests
{
    [CancelAfter(1_200_000)]
    [TestCase("bullseye", "fs/f2fs", "f2fs")]
    [TestCase("bullseye", "drivers/vhost", "vhost-net")]
    [TestCase("bookworm-backports", "fs/f2fs", "f2fs")]
    [TestCase("bookworm-backports", "drivers/vhost", "vhost-net")]
    public async Task A_module_built_here_is_loaded(string kernel, string folder, string device, CancellationToken cancellation)
    {
        var built = await BuildAsync(kernel, folder, cancellation);
        await using var lease = await new LabMachine(new MachineOptions
        {
            Kernel = kernel,
            ModuleOverrides = [.. built.Files.Select(f => new ModuleOverride(f.Key, f.Value))],
        }).RentAsync(cancellation);
        var machine = lease.Machine;
        var profile = KernelProfile.Parse((await machine.ProbeAsync(cancellation)).Trim());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(profile.Word(device), Is.EqualTo("yes"));
            Assert.That(machine.Facts.ModulesMissing, Has.None.StartsWith("path="));
        }
    }

    [CancelAfter(600_000)]
    [TestCase("trixie")]
    [TestCase("sid")]
    public void What_cannot_be_built_here_is_refused_with_the_reason(string kernel, CancellationToken cancellation) =>
        Assert.That(() => BuildAsync(kernel, "fs/f2fs", cancellation),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("was compiled by gcc 1"), "on Debian 12, with its own compiler");

    [CancelAfter(600_000)]
    [Test]
    public async Task A_module_of_another_kernel_is_refused_with_the_kernels_own_words(CancellationToken cancellation)
    {
        // The 6.1 module asks for symbols in versions that 5.10 does not have.
        var other = await BuildAsync("bookworm", "fs/f2fs", cancellation);
        await using var lease = await new LabMachine(new MachineOptions { Kernel = "bullseye", ModuleOverrides = [new ModuleOverride("f2fs", other.Files["f2fs"])] }).RentAsync(cancellation);
        var machine = lease.Machine;
        var profile = KernelProfile.Parse((await machine.ProbeAsync(cancellation)).Trim());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(profile.Word("f2fs"), Is.EqualTo("no"));
            Assert.That(machine.Facts.ModulesMissing, Has.One.StartsWith("path=/lib/modules/f2fs.ko").And.One.Contains("kernel says: f2fs:"));
        }
    }

    private static async Task<BuiltModules> BuildAsync(string kernel, string folder, CancellationToken cancellation)
    {
        Action<string> progress = line => TestContext.Progress.WriteLine(line);
        await HostRequirements.EnsureAsync(progress, cancellation);
        var list = KernelList.Load(SourceTree.Find());
        var package = await new KernelStore(list, CacheFolder.Default(), progress).ResolveAsync(kernel, cancellation);
        return await new ModuleBuilder(list, CacheFolder.Default(), progress).BuildAsync(package, folder, [], cancellation);
    }
}
