using System.Globalization;
using System.Security.Cryptography;
using HilTests.DeviceTests.Fixtures;
using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.DeviceTests.Machines;

/// <summary>Copies of a machine: alike where they should be, and only there.</summary>
[TestFixture]
public sealed class CloneTests
{
    private static readonly MachineOptions Options = new() { Start = MachineStart.Clone, Progress = TestContext.Progress.WriteLine };
    private static readonly MachineOptions WithShell = Options with { ConsoleShell = true };
    private static readonly Dictionary<string, string> NoVersions = [];

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-clone-test-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test, CancelAfter(300_000)]
    public async Task A_clone_is_the_machine_a_boot_would_give(CancellationToken cancellation)
    {
        await using var clone = await QemuMachine.StartAsync(Options, cancellation);
        await using var cold = await QemuMachine.StartAsync(Options with { Start = MachineStart.Cold }, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((clone.Facts.Start, cold.Facts.Start), Is.EqualTo((MachineStart.Clone, MachineStart.Cold)));
            Assert.That(Comparable(clone.Facts), Is.EqualTo(Comparable(cold.Facts)));
            Assert.That(clone.Facts.ModulesMissing, Is.EqualTo(cold.Facts.ModulesMissing));
            Assert.That(clone.Facts.ModuleVersions, Is.EquivalentTo(cold.Facts.ModuleVersions));
            Assert.That(await clone.ProbeAsync(cancellation), Is.EqualTo(await cold.ProbeAsync(cancellation)));
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task Two_clones_draw_different_random_numbers(CancellationToken cancellation)
    {
        var drawn = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            await using var clone = await QemuMachine.StartAsync(WithShell, cancellation);
            // Both processors, since each has a state of its own.
            drawn.AddRange(await Task.WhenAll(RandomAsync(clone, 0), RandomAsync(clone, 1)));
        }
        Assert.That(drawn, Is.Unique.And.All.Match("^[0-9a-f]{64}$"));

        async Task<string> RandomAsync(QemuMachine clone, int processor) =>
            (await clone.ShellAsync($"taskset {1 << processor} head -c 32 /dev/urandom | hexdump -v -e '1/1 \"%02x\"'", cancellation)).Trim();
    }

    [Test, CancelAfter(300_000)]
    public async Task The_wall_clock_is_right_and_the_monotonic_clock_goes_on(CancellationToken cancellation)
    {
        await using var clone = await QemuMachine.StartAsync(WithShell, cancellation);
        double first = Seconds(await clone.ShellAsync("cut -d' ' -f1 /proc/uptime", cancellation));
        var before = DateTimeOffset.UtcNow;
        long told = long.Parse(await clone.ShellAsync("date +%s", cancellation), CultureInfo.InvariantCulture);
        var after = DateTimeOffset.UtcNow;
        string slept = await clone.ShellAsync("time sleep 1", cancellation);
        double second = Seconds(await clone.ShellAsync("cut -d' ' -f1 /proc/uptime", cancellation));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(told, Is.InRange(before.ToUnixTimeSeconds() - 1, after.ToUnixTimeSeconds() + 1));
            Assert.That(second - first, Is.InRange(1.0, 60.0), $"uptime was {first}, then {second}");
            Assert.That(slept, Does.Match(@"real\s+0m ?[1-5]\.\d+s"), "a timer of one second");
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task Disks_are_added_in_their_order_and_written_through(CancellationToken cancellation)
    {
        byte[] content = RandomNumberGenerator.GetBytes(3 << 20);
        string first = Path.Combine(_folder, "a,b.img"), second = Path.Combine(_folder, "second");
        await File.WriteAllBytesAsync(first, content, cancellation);
        await File.WriteAllBytesAsync(second, new byte[1 << 20], cancellation);
        var options = WithShell with { Disks = [new DiskOptions(first, ReadOnly: true), new DiskOptions(second)] };
        foreach (var start in (MachineStart[])[MachineStart.Clone, MachineStart.Cold])
        {
            await using var machine = await QemuMachine.StartAsync(options with { Start = start }, cancellation);
            string seen = await machine.ShellAsync("cat /sys/block/vda/size /sys/block/vdb/size /sys/block/vda/ro; echo $(cat /sys/block/vdb/serial); sha256sum /dev/vda", cancellation);
            string written = await machine.ShellAsync($"echo {start} >/dev/vdb; sync; echo done", cancellation);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(seen.Split('\n', StringSplitOptions.TrimEntries), Is.EqualTo(new[]
                {
                    "6144", "2048", "1", "hil-disk-1", $"{Convert.ToHexStringLower(SHA256.HashData(content))}  /dev/vda",
                }));
                Assert.That(written, Does.EndWith("done"));
                Assert.That(File.ReadLines(second).First(), Is.EqualTo($"{start}"));
            }
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task What_a_clone_writes_the_next_one_does_not_see(CancellationToken cancellation)
    {
        await using (var writer = await QemuMachine.StartAsync(WithShell, cancellation))
        {
            await writer.ShellAsync("dd if=/dev/urandom of=/tmp/mine bs=1M count=32 2>/dev/null; echo changed >/proc/sys/kernel/hostname", cancellation);
            Assert.That(await writer.ShellAsync("ls /tmp", cancellation), Is.EqualTo("mine"));
        }
        await using var next = await QemuMachine.StartAsync(WithShell, cancellation);
        Assert.That(await next.ShellAsync("ls /tmp; cat /proc/sys/kernel/hostname", cancellation), Does.Not.Contain("mine").And.Not.Contain("changed"));
    }

    [Test, CancelAfter(300_000)]
    public async Task A_panic_in_a_clone_is_told_with_its_title(CancellationToken cancellation)
    {
        await using var clone = await QemuMachine.StartAsync(WithShell, cancellation);
        await clone.ConsoleInput.WriteLineAsync("echo c >/proc/sysrq-trigger");
        await clone.ConsoleInput.FlushAsync(cancellation);
        var loss = await clone.Lost.WaitAsync(cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss.Kind, Is.EqualTo(MachineLossKind.Panic));
            Assert.That(loss.Title, Does.Contain("sysrq").IgnoreCase);
        }
    }

    [TestCaseSource(typeof(ModelRegistry), nameof(ModelRegistry.Usual)), CancelAfter(600_000)]
    public async Task The_same_suite_gives_the_same_verdicts_cold_and_cloned(string device, CancellationToken cancellation)
    {
        var suite = ModelRegistry.Get(device);
        var programs = suite.Programs(7, device == "f2fs" ? 1 : 20).ToList();
        var verdicts = new Dictionary<MachineStart, List<string>>();
        foreach (var start in (MachineStart[])[MachineStart.Cold, MachineStart.Clone])
        {
            var lab = new LabMachine(Options with { Start = start });
            var results = await lab.JudgeAsync(suite, programs, cancellation);
            verdicts[start] = [.. results.Select(r => $"{r.Program.Name}: {r.Judgement?.Verdict.Word ?? "skipped"}")];
            await using var lease = await lab.RentAsync(cancellation);
            Assert.That(lease.Machine.Facts.Start, Is.EqualTo(start));
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(verdicts[MachineStart.Clone], Is.EqualTo(verdicts[MachineStart.Cold]));
            Assert.That(verdicts[MachineStart.Clone], Has.Count.EqualTo(programs.Count).And.All.Match(": (conforms|skipped)$"));
        }
    }

    [TestCase(MachineStart.Clone), TestCase(MachineStart.Cold), CancelAfter(300_000)]
    public async Task QEMU_is_nobody_else_and_cannot_become_it(MachineStart start, CancellationToken cancellation)
    {
        await using var machine = await QemuMachine.StartAsync(Options with { Start = start }, cancellation);
        var status = File.ReadLines($"/proc/{machine.ProcessId}/status").Select(l => l.Split(':', 2)).ToDictionary(f => f[0], f => f[1].Trim());
        string[] users = status["Uid"].Split('\t');
        using (Assert.EnterMultipleScope())
        {
            Assert.That((status["NoNewPrivs"], status["Seccomp"]), Is.EqualTo(("1", "2")));
            Assert.That(status["CapEff"], Is.EqualTo("0000000000000000"));
            Assert.That(users.Distinct().Count(), Is.EqualTo(1), $"all of real, effective, saved, file-system user: {status["Uid"]}");
            if (Environment.IsPrivilegedProcess && Confinement.For("tcg").Weakness is null) Assert.That(users[0], Is.Not.EqualTo("0"));
        }
    }

    [Test]
    public void A_disk_that_is_not_there_is_said_and_nothing_is_started() =>
        Assert.That(
            async () => await QemuMachine.StartAsync(Options with { Disks = [new DiskOptions("/not/there")] }, CancellationToken.None),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("/not/there"));

    private static double Seconds(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Without what differs from start to start, and without lists, which are compared by themselves.</summary>
    private static MachineFacts Comparable(MachineFacts facts) => facts with
    {
        Start = MachineStart.Cold,
        BuildTime = default,
        BootTime = default,
        ModulesMissing = [],
        ModuleVersions = NoVersions,
    };
}
