using HilTests.Core.Programs;
using HilTests.DeviceTests.Cli;
using HilTests.DeviceTests.Fixtures;
using HilTests.Lab;
using HilTests.Lab.Host;
using HilTests.Models;

namespace HilTests.DeviceTests.Machines;

/// <summary><c>--machine local</c> on a guest that stands for a machine of a lab, and its refusals on this very machine.</summary>
[TestFixture]
public sealed class LocalMachineTests
{
    /// <summary>
    /// Everything a run could leave behind. Drivers of network interfaces stay loaded: the kernel does not count who
    /// uses them (docs/decisions/0015).
    /// </summary>
    private const string Inventory = """
        echo modules; cut -d' ' -f1 /proc/modules | grep -vxE 'tun|dummy' | sort
        echo mounts; cut -d' ' -f2,3 /proc/mounts
        echo disks; for disk in /sys/block/*; do echo "$disk $(cat "$disk/size")"; done; losetup -a
        echo configfs; ls /sys/kernel/config
        echo tracing; ls /sys/kernel/tracing/instances; cat /sys/kernel/tracing/dynamic_events
        echo files; find /tmp /run /dev/shm -not -path '/tmp/results*' -not -path '/tmp/.dotnet*' -not -path '/tmp/clr-debug*' -not -path '/tmp/dotnet-diagnostic*' | sort
        echo links; ls /sys/class/net
        echo namespaces; lsns -n -o TYPE,NS | grep -E '^(net|mnt)' | sort
        echo agents; pgrep -l hil-agent
        true
        """;

    private static readonly string FirstFrame = SourceTree.Find().At("tests", "HilTests.DeviceTests", "VhostNet", "first-frame.hil");

    /// <summary>Enough to be met in the middle: a mount on null_blk and on loop, traces, latencies, a power cut.</summary>
    private static readonly string[] FewNames = ["f2fs-latency", "f2fs-data", "f2fs-counters", "f2fs-trim", "f2fs-crash", "f2fs-changes"];

    /// <summary>A tap, a packet socket and macvtap, frames held by the back end, the IOTLB, the log, and a swap with frames on their way.</summary>
    private static readonly string[] VhostNetNames = ["tx-limited", "rx-packet", "macvtap", "rx-rest", "zero-copy", "iotlb-log", "log-traffic", "swap-in-flight"];

    private static GuestHost s_guest = null!;

    /// <summary>Files of these programs, as words of a command; the guest sees the host's files.</summary>
    private static string s_few = "";

    [OneTimeSetUp]
    public async Task Boot()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(15));
        s_guest = await GuestHost.BootAsync(limit.Token);
        s_few = await WriteAsync("f2fs", FewNames, limit.Token);
    }

    /// <summary>Writes these programs as files.</summary>
    /// <returns>The files, as words of a command.</returns>
    private static async Task<string> WriteAsync(string device, string[] names, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "few-programs")).FullName;
        foreach (var program in ModelRegistry.Get(device).HandWritten.Where(p => names.Contains(p.Name)))
            await File.WriteAllTextAsync(Path.Combine(folder, $"{program.Name}.hil"), ProgramText.Print(program), cancellation);
        return string.Join(' ', names.Select(n => Path.Combine(folder, $"{n}.hil")));
    }

    [OneTimeTearDown]
    public async Task SwitchOff()
    {
        if (s_guest is not null) await s_guest.DisposeAsync();
    }

    [Test, CancelAfter(900_000)]
    public async Task Programs_of_both_devices_conform_and_leave_nothing(CancellationToken cancellation) =>
        await ConformAndLeaveNothingAsync($"{await WriteAsync("vhost-net", VhostNetNames, cancellation)} {s_few} --out results-both", cancellation);

    [Test, CancelAfter(2_400_000), Category("Nightly")]
    [Explicit("takes ten minutes; run with --filter TestCategory=Nightly")]
    public async Task Suites_of_both_devices_conform_and_leave_nothing(CancellationToken cancellation) =>
        await ConformAndLeaveNothingAsync("--seed 1 --out results-suites", cancellation);

    private static async Task ConformAndLeaveNothingAsync(string arguments, CancellationToken cancellation)
    {
        var before = await s_guest.RunAsync(Inventory, cancellation);
        var run = await s_guest.RunAsync($"{GuestHost.Hil} run --machine local {arguments}", cancellation);
        var after = await s_guest.RunAsync(Inventory, cancellation);
        await TestContext.Out.WriteLineAsync(run.Text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero);
            Assert.That(run.Text, Does.Match(@"programs +\d+: \d+ conform(, \d+ skipped)?\n"));
            Assert.That(after.Text, Is.EqualTo(before.Text));
        }
    }

    [Test, CancelAfter(900_000)]
    public async Task Two_runs_at_once_conform_both_and_leave_nothing(CancellationToken cancellation)
    {
        var before = await s_guest.RunAsync(Inventory, cancellation);
        // One of them lasts longer, so that the other's end meets it at work.
        var runs = await s_guest.RunAsync($"""
            {GuestHost.Hil} run {s_few.Split(' ')[1]} --machine local --out results-first >/tmp/first 2>&1 & first=$!
            {GuestHost.Hil} run {s_few} --machine local --out results-second >/tmp/second 2>&1 & second=$!
            wait $first; one=$?; wait $second; two=$?
            cat /tmp/first /tmp/second; rm /tmp/first /tmp/second; echo codes $one $two
            """, cancellation);
        var after = await s_guest.RunAsync(Inventory, cancellation);
        await TestContext.Out.WriteLineAsync(runs.Text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(runs.Text, Does.EndWith("codes 0 0"));
            Assert.That(after.Text, Is.EqualTo(before.Text));
        }
    }

    [Test, CancelAfter(900_000)]
    public async Task Another_file_system_at_work_does_not_disturb_the_verdict(CancellationToken cancellation)
    {
        // iostat is on there as well, with a short period: its records and updates stand in the same trace points.
        var run = await s_guest.RunAsync($$"""
            set -e
            truncate -s 128M /tmp/other; mkfs.f2fs -q -f /tmp/other; mkdir /tmp/busy
            modprobe loop; modprobe f2fs; disk=$(losetup -f --show /tmp/other); mount -t f2fs -o discard "$disk" /tmp/busy
            echo 100 >/sys/fs/f2fs/${disk#/dev/}/iostat_period_ms; echo 1 >/sys/fs/f2fs/${disk#/dev/}/iostat_enable
            ( while :; do dd if=/dev/zero of=/tmp/busy/file bs=64k count=16 conv=fsync 2>/dev/null; rm /tmp/busy/file; fstrim /tmp/busy; sleep 0.05; done ) & busy=$!
            set +e
            {{GuestHost.Hil}} run {{s_few}} --machine local --out results-busy; code=$?
            kill $busy; wait $busy 2>/dev/null
            echo other lives: $(grep -c ' /tmp/busy f2fs ' /proc/mounts) $(losetup -n -O BACK-FILE "$disk")
            umount /tmp/busy; losetup -d "$disk"; rm -r /tmp/other /tmp/busy; rmmod f2fs loop
            exit $code
            """, cancellation);
        await TestContext.Out.WriteLineAsync(run.Text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero);
            Assert.That(run.Text, Does.Contain("other lives: 1 /tmp/other"));
        }
    }

    // Who is killed: the process that runs programs, its keeper, the tool, or all of them at once.
    [TestCase("hil-agent --worker"), TestCase("hil-agent --stdio"), TestCase("hil.dll run"), TestCase("hil-agent --|hil.dll run")]
    [CancelAfter(900_000)]
    public async Task Nothing_stays_after_a_kill_in_the_middle(string victims, CancellationToken cancellation)
    {
        var before = await s_guest.RunAsync(Inventory, cancellation);
        // In the middle: null_blk device, mount and trace are there. The sweep is that of the next run.
        var killed = await s_guest.RunAsync($"""
            {GuestHost.Hil} run {s_few} --machine local --out "results-kill-$(date +%s)" >/tmp/said 2>&1 &
            for try in $(seq 600); do
                # Stopped before it is looked at: a program may end between the look and the kill.
                pkill -STOP -f -- '--worker' && [ -d /sys/kernel/tracing/instances/hil_* ] && grep -q hil_ /sys/kernel/tracing/dynamic_events && break
                pkill -CONT -f -- '--worker'
                sleep 0.1
            done
            ls /sys/kernel/tracing/instances
            pkill -9 -f -- '{victims}'
            pkill -CONT -f -- '--worker'
            wait
            for try in $(seq 300); do pgrep hil-agent >/dev/null || break; sleep 0.1; done
            cat /tmp/said; rm /tmp/said; echo ended
            """, cancellation);
        if (victims.Contains('|'))
        {
            // Nobody was left who could clean up: the next run does, before it begins.
            var next = await s_guest.RunAsync($"{GuestHost.Hil} run {FirstFrame} --machine local --out \"results-next-$(date +%s)\"", cancellation);
            Assert.That(next.Code, Is.Zero, next.Text);
        }
        var after = await s_guest.RunAsync(Inventory, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(killed.Text, Does.StartWith("hil_"), "the run was not met in the middle");
            Assert.That(after.Text, Is.EqualTo(before.Text), killed.Text);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_device_that_nobody_named_is_skipped_with_its_reason(CancellationToken cancellation)
    {
        var run = await s_guest.RunAsync($"""
            list=/lib/modules/$(uname -r)/modules.dep
            grep -v /f2fs.ko $list >/tmp/without-f2fs; mount --bind /tmp/without-f2fs $list
            {GuestHost.Hil} run --machine local --seed 7 --programs 0 --ktap --out results-skip; code=$?
            umount $list; rm /tmp/without-f2fs; exit $code
            """, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero, run.Text);
            Assert.That(run.Text, Does.Match("f2fs-trim # SKIP .*this machine lacks kernel module f2fs .*is the file system under test"));
        }
    }

    [Test, CancelAfter(120_000)]
    public async Task This_very_machine_is_refused_with_a_line_for_each_thing_it_lacks(CancellationToken cancellation)
    {
        var missing = LocalRequirements.CheckDevice("f2fs").Where(r => !r.Present).ToList();
        if (missing.Count == 0) Assert.Ignore("this machine has everything that f2fs needs");
        var folder = Directory.CreateTempSubdirectory("hil-test-");
        try
        {
            var refused = await HilProcess.RunAsync(folder.FullName, cancellation, "run", "f2fs", "--machine", "local");
            using (Assert.EnterMultipleScope())
            {
                Assert.That(refused.Code, Is.EqualTo(4));
                foreach (var one in missing) Assert.That(refused.Output, Does.Contain($"{one.Name}: {one.Detail}. "));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task Without_rights_it_is_refused_with_reasons(CancellationToken cancellation)
    {
        var run = await s_guest.RunAsync($"setpriv --bounding-set=-sys_admin,-net_admin --inh-caps=-sys_admin,-net_admin env {GuestHost.Hil} run vhost-net --machine local --out results-refused", cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(4), run.Text);
            Assert.That(run.Text, Does.Contain("CAP_SYS_ADMIN: ").And.Contain("CAP_NET_ADMIN: ").And.Contain("sudo"));
        }
    }
}
