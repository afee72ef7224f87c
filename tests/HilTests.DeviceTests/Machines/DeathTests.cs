using System.Diagnostics;
using System.Text.RegularExpressions;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Diagnosis;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;
using Mono.Unix.Native;

namespace HilTests.DeviceTests.Machines;

/// <summary>
/// Kernels that are broken on purpose, by the module hil_faults: each death gets its kind and its title, and leaves
/// nothing. The bounds are loose, other work may slow this machine down; the times are printed.
/// </summary>
[TestFixture]
public sealed class DeathTests
{
    private ModuleOverride _faults = null!;

    [OneTimeSetUp]
    public async Task BuildModule()
    {
        var list = KernelList.Load(SourceTree.Find());
        var kernel = await new KernelStore(list, CacheFolder.Default(), TestContext.Progress.WriteLine).ResolveAsync("bookworm", CancellationToken.None);
        _faults = await new ProjectModules(SourceTree.Find(), list, CacheFolder.Default(), TestContext.Progress.WriteLine).BuildAsync(kernel, "hil_faults", CancellationToken.None);
    }

    [CancelAfter(300_000)]
    [TestCase("null-write", MachineLossKind.Panic, "BUG: kernel NULL pointer dereference in hil_null_write")]
    [TestCase("bad-address", MachineLossKind.Panic, "general protection fault in hil_bad_address")]
    [TestCase("bug", MachineLossKind.Panic, "kernel BUG in hil_bug")]
    [TestCase("bug-after-warn", MachineLossKind.Panic, "WARNING in hil_warn")]
    [TestCase("panic", MachineLossKind.Panic, "kernel panic: hil_faults was asked for it")]
    [TestCase("list-del-twice", MachineLossKind.Panic, "BUG: corrupted list in hil_list_del_twice")]
    [TestCase("stack-overflow", MachineLossKind.Panic, "BUG: stack guard page was hit in hil_recurse")]
    [TestCase("null-write-in-interrupt", MachineLossKind.Panic, "BUG: kernel NULL pointer dereference in hil_null_write")]
    [TestCase("soft-lockup", MachineLossKind.Stalled, "BUG: soft lockup in hil_soft_lockup")]
    [TestCase("double-spin-lock", MachineLossKind.Stalled, "BUG: soft lockup in hil_double_spin_lock")]
    [TestCase("rcu-stall", MachineLossKind.Stalled, "INFO: rcu detected stall in hil_rcu_stall")]
    [TestCase("hung-task", MachineLossKind.Stalled, "INFO: task hung in hil_hung_task")]
    [TestCase("double-mutex", MachineLossKind.Stalled, "INFO: task hung in hil_double_mutex")]
    [TestCase("irqs-off-everywhere", MachineLossKind.Watchdog, "no processor runs anything any more: the watchdog bit, and the agent does not answer")]
    public async Task A_death_has_a_name(string fault, MachineLossKind kind, string title, CancellationToken cancellation)
    {
        int qemu;
        MachineLoss loss;
        await using (var machine = await StartAsync(cancellation))
        {
            qemu = machine.ProcessId;
            long begin = await BreakAsync(machine, fault, cancellation);
            loss = await machine.Lost.WaitAsync(TimeSpan.FromSeconds(120), cancellation);
            await TestContext.Out.WriteLineAsync($"{fault}: {loss.Kind} after {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.00} s: {loss.Title}\n{string.Join('\n', loss.Details)}");
            if (loss.Title != title)
                await TestContext.Out.WriteLineAsync(machine.ConsoleText);
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That((loss.Kind, loss.Title), Is.EqualTo((kind, title)));
            Assert.That(LiveProcess.IsAlive(qemu), Is.False);
            Assert.That(Directory.GetDirectories(Path.GetTempPath(), "hil-*").Where(f => Holds(f, qemu)), Is.Empty);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_processor_without_interrupts_is_seen_by_the_watchdog_or_by_RCU(CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        long begin = await BreakAsync(machine, "irqs-off", cancellation);
        var loss = await machine.Lost.WaitAsync(TimeSpan.FromSeconds(120), cancellation);
        await TestContext.Out.WriteLineAsync($"irqs-off: {loss.Kind} after {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.00} s: {loss.Title}");
        // Which is first depends on whether the agent needs the processor that stands still.
        Assert.That((loss.Kind, loss.Title), Is.EqualTo((MachineLossKind.Stalled, "INFO: rcu detected stall in hil_irqs_off"))
            .Or.EqualTo((MachineLossKind.Watchdog, "no processor runs anything any more: the watchdog bit, and the agent does not answer")));
    }

    [Test, CancelAfter(300_000)]
    public async Task Frames_of_a_module_with_debug_information_have_source_lines(CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        await BreakAsync(machine, "null-read", cancellation);
        var loss = await machine.Lost.WaitAsync(TimeSpan.FromSeconds(120), cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss.Details, Has.Some.Match(@"hil_null_read\+0x[0-9a-f]+/0x[0-9a-f]+ \[hil_faults\] at hil_null_read \(.*hil_faults\.c:\d+\)"));
            Assert.That(loss.Details, Has.Exactly(1).Contains("no source lines for the kernel"));
        }
    }

    [CancelAfter(300_000)]
    [TestCase("warn", "WARNING in hil_warn")]
    [TestCase("refcount-underflow", "WARNING: refcount bug in hil_refcount_underflow")]
    [TestCase("sleep-in-atomic", "BUG: scheduling while atomic in hil_sleep_in_atomic")]
    public async Task A_complaint_is_told_and_the_machine_lives(string fault, string title, CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        await BreakAsync(machine, fault, cancellation);
        await ConsoleReachedAsync(machine, cancellation);
        await machine.PingAsync(cancellation);
        Assert.That(ConsoleDiagnosis.Of(machine.ConsoleText).Complaints.Select(c => c.Title), Has.Some.EqualTo(title));
    }

    [CancelAfter(300_000)]
    [TestCase("complain"), TestCase("short-stall")]
    public async Task Noise_and_a_short_stall_are_no_complaint(string fault, CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        await BreakAsync(machine, fault, cancellation);
        await ConsoleReachedAsync(machine, cancellation);
        await machine.PingAsync(cancellation);
        Assert.That(ConsoleDiagnosis.Of(machine.ConsoleText).Complaints, Is.Empty);
    }

    [Test, CancelAfter(300_000)]
    public async Task Something_killed_for_want_of_memory_is_no_loss(CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        await machine.ConsoleInput.WriteLineAsync("tail /dev/zero");
        await machine.ConsoleInput.FlushAsync(cancellation);
        await LiveProcess.WaitUntilAsync(() => machine.ConsoleText.Contains("Killed process", StringComparison.Ordinal), TimeSpan.FromSeconds(120), cancellation);
        await machine.PingAsync(cancellation);
        var diagnosis = ConsoleDiagnosis.Of(machine.ConsoleText);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(diagnosis.Reports.Select(r => r.Kind), Does.Contain(ReportKind.OutOfMemory));
            Assert.That(diagnosis.Complaints, Is.Empty);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_machine_that_was_stopped_for_a_while_is_not_dead(CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        Assert.That(Syscall.kill(machine.ProcessId, Signum.SIGSTOP), Is.Zero);
        await Task.Delay(TimeSpan.FromSeconds(6), cancellation);
        Assert.That(Syscall.kill(machine.ProcessId, Signum.SIGCONT), Is.Zero);
        await machine.PingAsync(cancellation);
        // Whatever the kernel says of the lost time, it says it within this.
        await Task.WhenAny(machine.Lost, Task.Delay(TimeSpan.FromSeconds(6), cancellation));
        await machine.PingAsync(cancellation);
        await TestContext.Out.WriteLineAsync(machine.MonitorLog);
        Assert.That(machine.Lost.IsCompleted, Is.False);
    }

    [Test, CancelAfter(300_000)]
    public async Task The_watchdog_works_again_after_a_false_alarm(CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        Assert.That(Syscall.kill(machine.ProcessId, Signum.SIGSTOP), Is.Zero);
        await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        Assert.That(Syscall.kill(machine.ProcessId, Signum.SIGCONT), Is.Zero);
        await LiveProcess.WaitUntilAsync(() => machine.MonitorLog.Contains("WATCHDOG", StringComparison.Ordinal), TimeSpan.FromSeconds(20), cancellation);
        await machine.PingAsync(cancellation);
        await BreakAsync(machine, "irqs-off-everywhere", cancellation);
        Assert.That((await machine.Lost.WaitAsync(TimeSpan.FromSeconds(120), cancellation)).Kind, Is.EqualTo(MachineLossKind.Watchdog));
    }

    [Test, CancelAfter(300_000)]
    public async Task A_machine_that_stays_stopped_is_a_failure_of_ours(CancellationToken cancellation)
    {
        await using var machine = await StartAsync(cancellation);
        long begin = Stopwatch.GetTimestamp();
        Assert.That(Syscall.kill(machine.ProcessId, Signum.SIGSTOP), Is.Zero);
        var loss = await machine.Lost.WaitAsync(TimeSpan.FromSeconds(120), cancellation);
        await TestContext.Out.WriteLineAsync($"{loss.Kind} after {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.00} s: {loss.Title}");
        Assert.That(loss.Kind, Is.EqualTo(MachineLossKind.QemuStopped));
    }

    /// <summary>hung tasks are told sooner than in the image, which has to be patient with slow disks.</summary>
    private Task<QemuMachine> StartAsync(CancellationToken cancellation) => QemuMachine.StartAsync(new MachineOptions
    {
        Progress = TestContext.Progress.WriteLine,
        ConsoleShell = true,
        ModuleOverrides = [_faults],
        KernelParameters = ["sysctl.kernel.hung_task_timeout_secs=2"],
    }, cancellation);

    private static async Task<long> BreakAsync(QemuMachine machine, string fault, CancellationToken cancellation)
    {
        await machine.PingAsync(cancellation);
        await machine.ConsoleInput.WriteLineAsync("insmod /lib/modules/hil_faults.ko; echo loaded $?");
        await machine.ConsoleInput.FlushAsync(cancellation);
        await LiveProcess.WaitUntilAsync(() => machine.ConsoleText.Contains("loaded 0", StringComparison.Ordinal), TimeSpan.FromSeconds(60), cancellation);
        Assert.That(machine.ConsoleText, Does.Contain("loaded 0"), "the fault module does not load");
        long begin = Stopwatch.GetTimestamp();
        await machine.ConsoleInput.WriteLineAsync($"echo {fault} >/sys/kernel/debug/hil_faults");
        await machine.ConsoleInput.FlushAsync(cancellation);
        return begin;
    }

    private static bool Holds(string folder, int qemu)
    {
        string file = Path.Combine(folder, "pid");
        return File.Exists(file) && File.ReadAllText(file).Trim() == $"{qemu}";
    }

    /// <summary>Waits until the shell says that everything before it stands on the console.</summary>
    private static async Task ConsoleReachedAsync(QemuMachine machine, CancellationToken cancellation)
    {
        await machine.ConsoleInput.WriteLineAsync("echo that-was-all");
        await machine.ConsoleInput.FlushAsync(cancellation);
        await LiveProcess.WaitUntilAsync(() => Regex.Count(machine.ConsoleText, "that-was-all") > 1, TimeSpan.FromSeconds(60), cancellation);
    }
}
