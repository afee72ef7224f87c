using System.Text;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.DeviceTests.Fixtures;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using HilTests.Models;

namespace HilTests.DeviceTests.Machines;

/// <summary>Modules swapped inside a running VM.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ModuleSwapTests
{
    private const string Good = "hil-program 1\nname good\ndevice vhost-net\nopen\nset-owner\nclose\n";

    private readonly LabMachine _lab = new();

    [TearDown]
    public void Keep() => _lab.AttachOnFailure();

    [Test, CancelAfter(600_000)]
    public async Task Wrong_and_stock_modules_take_turns_in_one_machine(CancellationToken cancellation)
    {
        var wrong = await BuiltKernel.ModulesAsync("drivers/vhost", [BuiltKernel.MutantFile("vhost-net", "tx-used-length")], cancellation);
        await using var lease = await _lab.RentAsync(cancellation);
        var verdicts = new List<string> { await VerdictAsync(lease, cancellation) };
        for (var turn = 0; turn < 2; turn++)
        {
            Assert.That(await lease.SwapModulesAsync(wrong, cancellation), Is.Null);
            verdicts.Add(await VerdictAsync(lease, cancellation));
            Assert.That(await lease.RestoreModulesAsync(cancellation), Is.Null);
            verdicts.Add(await VerdictAsync(lease, cancellation));
        }
        Assert.That(verdicts, Is.EqualTo((string[])["conforms", "diverges", "conforms", "diverges", "conforms"]));
        Assert.That(lease.HasOtherModules, Is.False);
    }

    [Test, CancelAfter(600_000)]
    public async Task F2fs_is_swapped_as_well_and_probed_anew(CancellationToken cancellation)
    {
        var built = await BuiltKernel.ModulesAsync("fs/f2fs", [], cancellation);
        var suite = ModelRegistry.Get("f2fs");
        await using var lease = await _lab.RentAsync(cancellation);
        var before = await lease.Machine.ProbeAsync(cancellation);
        Assert.That(await lease.SwapModulesAsync(built, cancellation), Is.Null);
        var program = suite.HandWritten[0];
        var reply = await lease.RunAsync(ProgramText.Print(program), cancellation);
        Assert.That(TraceText.Parse(reply.TraceText, program), Conforms.To(suite.Model));
        Assert.That(KernelProfile.Parse((await lease.Machine.ProbeAsync(cancellation)).Trim()).Word("f2fs"), Is.EqualTo(KernelProfile.Parse(before.Trim()).Word("f2fs")));
        Assert.That(await lease.RestoreModulesAsync(cancellation), Is.Null);
    }

    [Test, CancelAfter(600_000)]
    public async Task A_module_that_does_not_load_is_refused_with_the_kernels_words_and_the_old_one_stays(CancellationToken cancellation)
    {
        var built = await BuiltKernel.ModulesAsync("drivers/vhost", [], cancellation);
        await using var lease = await _lab.RentAsync(cancellation);
        var broken = await ChangedAsync(built.Single(m => m.Name == "vhost_net"), "amd64 SMP ", "amd64 UMP ");
        var refused = await lease.SwapModulesAsync([.. built.Where(m => m.Name != "vhost_net"), broken], cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Is.Not.Null);
            Assert.That((refused!.Module, refused.Action, refused.Errno), Is.EqualTo(("vhost_net", "insert", "ENOEXEC")));
            Assert.That(refused.Words, Does.Contain("version magic").And.Contain("UMP"));
            Assert.That(lease.HasOtherModules, Is.False);
        }
        Assert.That(await VerdictAsync(lease, cancellation), Is.EqualTo("conforms"));
    }

    [Test, CancelAfter(600_000)]
    public async Task A_swap_while_a_program_runs_is_refused(CancellationToken cancellation)
    {
        var built = await BuiltKernel.ModulesAsync("drivers/vhost", [], cancellation);
        await using var lease = await _lab.RentAsync(cancellation);
        var running = lease.RunAsync(Good, cancellation);
        Assert.That(() => lease.SwapModulesAsync(built, cancellation), Throws.InvalidOperationException.With.Message.Contains("a program runs"));
        Assert.That((await running).TraceText, Does.EndWith("end complete\n"));
        Assert.That(await lease.SwapModulesAsync(built, cancellation), Is.Null);
    }

    [Test, CancelAfter(600_000)]
    public async Task A_module_in_use_is_not_removed(CancellationToken cancellation)
    {
        var built = await BuiltKernel.ModulesAsync("drivers/vhost", [], cancellation);
        await using var lease = await new LabMachine(new MachineOptions { ConsoleShell = true }).RentAsync(cancellation);
        var machine = (QemuMachine)lease.Machine;
        await machine.ShellAsync("exec 7<>/dev/vhost-net", cancellation);
        var refused = await lease.SwapModulesAsync(built, cancellation);
        Assert.That((refused?.Module, refused?.Action, refused?.Errno), Is.EqualTo(("vhost_net", "remove", "EAGAIN")));
        await machine.ShellAsync("exec 7>&-", cancellation);
        Assert.That(await lease.SwapModulesAsync(built, cancellation), Is.Null);
        Assert.That(await VerdictAsync(lease, cancellation), Is.EqualTo("conforms"));
    }

    [Test, CancelAfter(600_000)]
    public async Task A_machine_with_other_modules_is_not_handed_on(CancellationToken cancellation)
    {
        var built = await BuiltKernel.ModulesAsync("drivers/vhost", [], cancellation);
        await using var pool = new MachinePool(PoolOptions.ForThisHost(new MachineOptions(), jobs: 1) with { Slots = null });
        int swapped;
        await using (var lease = await pool.RentAsync(new MachineOptions(), LeaseKind.Shared, cancellation))
        {
            Assert.That(await lease.SwapModulesAsync(built, cancellation), Is.Null);
            swapped = lease.MachineNumber;
        }
        await using var next = await pool.RentAsync(new MachineOptions(), LeaseKind.Shared, cancellation);
        Assert.That(next.MachineNumber, Is.Not.EqualTo(swapped));
        Assert.That(pool.Lost, Is.Empty);
    }

    /// <summary>The verdict of a program that sends a frame.</summary>
    private static async Task<string> VerdictAsync(Lease lease, CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get("vhost-net");
        var program = suite.HandWritten.Single(p => p.Name == "tx-tap");
        var reply = await lease.RunAsync(ProgramText.Print(program), cancellation);
        return Judge.Decide(TraceText.Parse(reply.TraceText, program), suite.Model).Verdict.Word;
    }

    private static async Task<ModuleOverride> ChangedAsync(ModuleOverride module, string from, string to)
    {
        var content = await File.ReadAllBytesAsync(module.Path);
        var at = content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(from));
        Assert.That(at, Is.Positive, $"{module.Path} holds '{from}'");
        Encoding.ASCII.GetBytes(to).CopyTo(content, at);
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.ko");
        await File.WriteAllBytesAsync(path, content);
        return module with { Path = path };
    }
}
