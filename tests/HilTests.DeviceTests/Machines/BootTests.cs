using HilTests.Lab.Machines;

namespace HilTests.DeviceTests.Machines;

/// <summary>Machines that come up, go down, and are lost in each of the ways there are.</summary>
[TestFixture]
public sealed class BootTests
{
    private static readonly MachineOptions Options = new() { Progress = TestContext.Progress.WriteLine };

    [Test, CancelAfter(240_000)]
    public async Task A_machine_boots_answers_and_leaves_nothing(CancellationToken cancellation)
    {
        int qemu;
        await using (var machine = await QemuMachine.BootAsync(Options, cancellation))
        {
            qemu = machine.ProcessId;
            await machine.PingAsync(cancellation);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(LiveProcess.IsAlive(qemu), Is.True);
                Assert.That(machine.Facts.KernelRelease, Does.Match(@"^\d+\.\d+\..*-amd64$"));
                Assert.That(machine.Facts.Accelerator, Is.AnyOf("kvm", "tcg"));
                Assert.That(machine.Facts.ModulesMissing, Is.Empty);
                Assert.That(WorkFolders(qemu), Is.Not.Empty);
            }
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(LiveProcess.IsAlive(qemu), Is.False);
            Assert.That(WorkFolders(qemu), Is.Empty);
        }
    }

    [Test, CancelAfter(240_000)]
    public async Task A_panic_is_told_with_its_title_and_the_machine_refuses_more(CancellationToken cancellation)
    {
        await using var machine = await QemuMachine.BootAsync(Options with { ConsoleShell = true }, cancellation);
        await machine.ConsoleInput.WriteLineAsync("echo c >/proc/sysrq-trigger");
        await machine.ConsoleInput.FlushAsync(cancellation);
        var loss = await machine.Lost.WaitAsync(cancellation);
        var later = await machine.RunAsync("anything", cancellation);
        await TestContext.Out.WriteLineAsync(machine.ConsoleText);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss.Kind, Is.EqualTo(MachineLossKind.Panic));
            Assert.That(loss.Title, Does.Contain("sysrq").IgnoreCase);
            Assert.That(later.Outcome, Is.EqualTo(new AgentOutcome.MachineLost(loss)));
            Assert.That(machine.ConsoleText, Does.Contain("Kernel panic - not syncing"));
        }
    }

    [Test, CancelAfter(240_000)]
    public async Task A_killed_QEMU_is_told_as_such(CancellationToken cancellation)
    {
        await using var machine = await QemuMachine.BootAsync(Options, cancellation);
        LiveProcess.Kill(machine.ProcessId);
        var loss = await machine.Lost.WaitAsync(cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss.Kind, Is.EqualTo(MachineLossKind.QemuDied));
            Assert.That(loss.Title, Does.Contain("signal 9"));
        }
    }

    [Test, CancelAfter(240_000)]
    public async Task A_request_the_agent_cannot_serve_is_an_error_and_the_machine_lives(CancellationToken cancellation)
    {
        await using var machine = await QemuMachine.BootAsync(Options, cancellation);
        var reply = await machine.RunAsync("this is no program", cancellation);
        await machine.PingAsync(cancellation);
        Assert.That(reply.Outcome, Is.TypeOf<AgentOutcome.AgentError>());
    }

    [TestCase("cold"), TestCase("clone"), CancelAfter(240_000)]
    public async Task Nothing_outlives_a_host_process_that_is_killed(string start, CancellationToken cancellation)
    {
        using var host = LiveProcess.StartHeldMachine(start);
        int qemu = await host.WaitUntilReadyAsync(cancellation);
        string[] folders = WorkFolders(qemu);
        LiveProcess.Kill(host.Id);
        await LiveProcess.WaitUntilAsync(() => !LiveProcess.IsAlive(qemu) && !folders.Any(Directory.Exists), TimeSpan.FromSeconds(10), cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(folders, Is.Not.Empty);
            Assert.That(LiveProcess.IsAlive(qemu), Is.False, "QEMU outlived the process that started it");
            Assert.That(folders.Where(Directory.Exists), Is.Empty, "work folders were left behind");
        }
    }

    [Test, CancelAfter(240_000)]
    public async Task A_boot_that_is_cancelled_leaves_nothing(CancellationToken cancellation)
    {
        // Whatever has to be built is built first, so that the cancellation meets the boot itself.
        await using (await QemuMachine.BootAsync(Options, cancellation))
        {
        }
        string[] before = OwnWorkFolders();
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var boot = QemuMachine.BootAsync(Options with { Progress = line => { if (line.StartsWith("booting", StringComparison.Ordinal)) soon.CancelAfter(300); } }, soon.Token);
        Assert.That(async () => await boot, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(OwnWorkFolders().Except(before), Is.Empty);
    }

    [Test, CancelAfter(240_000)]
    public async Task A_machine_that_does_not_come_up_is_an_error_with_its_console(CancellationToken cancellation)
    {
        // A kernel told to start a program that is not there panics after it said so on the console.
        string[] before = OwnWorkFolders();
        var broken = Options with { KernelParameters = ["rdinit=/not-there", "init=/not-there"] };
        var error = Assert.ThrowsAsync<Lab.InfrastructureException>(async () => await QemuMachine.BootAsync(broken, cancellation));
        await Task.CompletedTask;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Message, Does.Contain("did not come up").And.Contain("Kernel panic - not syncing"));
            Assert.That(OwnWorkFolders().Except(before), Is.Empty);
        }
    }

    [Test, CancelAfter(120_000)]
    public async Task The_agent_runs_on_this_very_machine_too(CancellationToken cancellation)
    {
        int agent;
        await using (var machine = await LocalMachine.StartAsync(Options, cancellation))
        {
            agent = machine.ProcessId;
            await machine.PingAsync(cancellation);
            Assert.That(machine.Facts.Accelerator, Is.EqualTo("none"));
        }
        Assert.That(LiveProcess.IsAlive(agent), Is.False);
    }

    [Test, CancelAfter(120_000)]
    public async Task An_agent_that_dies_is_told_as_such(CancellationToken cancellation)
    {
        await using var machine = await LocalMachine.StartAsync(Options, cancellation);
        LiveProcess.Kill(machine.ProcessId);
        Assert.That(async () => { while (true) await machine.PingAsync(cancellation); },
            Throws.TypeOf<MachineLostException>().With.Message.Contains("AgentGone").And.Message.Contains("signal 9"));
    }

    private static string[] WorkFolders(int qemu) =>
        [.. Directory.GetDirectories(Path.GetTempPath(), "hil-*").Where(f => File.Exists(Path.Combine(f, "pid")) && File.ReadAllText(Path.Combine(f, "pid")).Trim() == $"{qemu}")];

    private static string[] OwnWorkFolders() => Directory.GetDirectories(Path.GetTempPath(), $"hil-{Environment.ProcessId}-*");
}
