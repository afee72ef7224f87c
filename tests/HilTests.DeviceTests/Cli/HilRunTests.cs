using HilTests.DeviceTests.Machines;
using Mono.Unix.Native;

namespace HilTests.DeviceTests.Cli;

/// <summary>The tool as its user meets it: exit codes, and nothing left behind.</summary>
[TestFixture]
public sealed class HilRunTests
{
    private const string Good = "hil-program 1\nname good\ndevice vhost-net\nopen\nset-owner\nclose\n";

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("hiltest-");
        File.WriteAllText(Path.Combine(_folder.FullName, "good.hil"), Good);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test, CancelAfter(300_000)]
    public async Task A_program_that_conforms_is_0_its_trace_is_judged_again_and_it_is_replayed(CancellationToken cancellation)
    {
        var run = await RunAsync(cancellation, "run", "good.hil", "--json", "-", "--junit", "j.xml");
        var judge = await RunAsync(cancellation, "judge", "results/latest/traces/good.trace");
        var replay = await RunAsync(cancellation, "replay", "results/latest/programs/good.hil", "--ktap");
        using var json = System.Text.Json.JsonDocument.Parse(run.Output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero, run.Errors);
            Assert.That(json.RootElement.GetProperty("verdict").GetString(), Is.EqualTo("conforms"));
            Assert.That(json.RootElement.GetProperty("kernel").GetProperty("modules").EnumerateObject().Select(m => m.Name), Does.Contain("vhost_net"));
            Assert.That(File.ReadAllText(At("j.xml")), Does.Contain("good"));
            Assert.That(judge.Code, Is.Zero, judge.Errors);
            Assert.That(judge.Output, Does.Contain("good.trace: conforms"));
            Assert.That(replay.Code, Is.Zero, replay.Errors);
            Assert.That(replay.Output, Does.StartWith("KTAP version 1\n"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_trace_with_a_wrong_value_is_1(CancellationToken cancellation)
    {
        File.WriteAllText(At("wrong.trace"), "hil-trace 1\nname w\ndevice vhost-net\nprofile hz=250 release=\"6.1.0\"\n1: open\n= @1+1 errno=0\n2: set-owner\n= @9+1 errno=EBUSY\n3: set-owner\n= @19+1 errno=0\nend complete\n");
        var judge = await RunAsync(cancellation, "judge", "wrong.trace");
        Assert.That(judge.Code, Is.EqualTo(1), judge.Errors + judge.Output);
        Assert.That(judge.Output, Does.Contain("step 2").And.Contain("EBUSY"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_syntax_error_is_2_with_its_place(CancellationToken cancellation)
    {
        File.WriteAllText(At("bad.hil"), Good + "set-onwer\n");
        var run = await RunAsync(cancellation, "run", "bad.hil");
        Assert.That(run.Code, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain("bad.hil:7:1: vhost-net has no step 'set-onwer'; did you mean set-owner or reset-owner?\n    set-onwer\n    ^"));
        Assert.That(Directory.Exists(At("results")), Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task An_unknown_kernel_is_2_with_the_near_names(CancellationToken cancellation)
    {
        var run = await RunAsync(cancellation, "run", "good.hil", "--kernel", "bokworm");
        Assert.That(run.Code, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain("did you mean bookworm?"));
    }

    [Test, CancelAfter(120_000)]
    public async Task A_machine_that_cannot_boot_is_4_and_the_run_is_kept(CancellationToken cancellation)
    {
        // A folder of caches below a file cannot be made.
        using var hil = HilProcess.Start(_folder.FullName, [("HIL_CACHE", At("good.hil") + "/cache")], "run", "good.hil");
        var run = await hil.EndAsync(cancellation);
        Assert.That(run.Code, Is.EqualTo(4), run.Errors);
        Assert.That(run.Output, Does.StartWith("infrastructure"));
        Assert.That(File.ReadAllText(At("results/latest/result.json")), Does.Contain("infrastructure"));
    }

    [Test, CancelAfter(300_000)]
    public async Task Results_that_cannot_be_kept_are_4_and_the_verdict_is_printed(CancellationToken cancellation)
    {
        File.WriteAllText(At("results"), "a file, not a folder");
        var run = await RunAsync(cancellation, "run", "good.hil");
        Assert.That(run.Code, Is.EqualTo(4), run.Errors);
        Assert.That(run.Output, Does.StartWith("conforms"));
        Assert.That(run.Errors, Does.Contain("results").And.Contain("--out"));
    }

    [TestCase(true), TestCase(false), CancelAfter(300_000)]
    public async Task An_interrupted_run_is_130_leaves_nothing_and_keeps_its_results(bool withMachine, CancellationToken cancellation)
    {
        using var hil = HilProcess.Start(_folder.FullName, [], "run", "vhost-net", "--time", "1h");
        if (withMachine) await hil.StartsMachinesAsync(cancellation);
        else await hil.SaysAsync("seed", cancellation);
        hil.Send(Signum.SIGINT);
        var run = await hil.EndAsync(cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(130), run.Errors);
            Assert.That(hil.Machines(), Is.Empty);
            Assert.That(hil.WorkFolders(), Is.Empty);
            Assert.That(File.Exists(At("results/latest/result.json")), Is.True);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_run_that_is_interrupted_while_programs_run_keeps_them(CancellationToken cancellation)
    {
        using var hil = HilProcess.Start(_folder.FullName, [], "run", "vhost-net", "--time", "1h");
        await hil.SaysAsync(" programs, ", cancellation);
        hil.Send(Signum.SIGINT);
        var run = await hil.EndAsync(cancellation);
        Assert.That(run.Code, Is.EqualTo(130), run.Errors);
        Assert.That(Directory.GetFiles(At("results/latest/traces")), Is.Not.Empty);
        Assert.That(hil.Machines(), Is.Empty);
    }

    [Test, CancelAfter(300_000)]
    public async Task A_killed_run_leaves_no_machine(CancellationToken cancellation)
    {
        using var hil = HilProcess.Start(_folder.FullName, [], "run", "vhost-net", "--time", "1h");
        await hil.StartsMachinesAsync(cancellation);
        hil.Send(Signum.SIGKILL);
        await LiveProcess.WaitUntilAsync(() => hil.Machines().Length == 0 && hil.WorkFolders().Length == 0, TimeSpan.FromSeconds(10), cancellation);
        Assert.That(hil.Machines(), Is.Empty);
        Assert.That(hil.WorkFolders(), Is.Empty);
    }

    [Test, CancelAfter(300_000)]
    public async Task Killed_QEMUs_are_4_and_no_verdict_and_each_loss_is_told(CancellationToken cancellation)
    {
        using var hil = HilProcess.Start(_folder.FullName, [], "run", "vhost-net", "--time", "1h", "--jobs", "1", "--json", "out.json");
        var end = hil.EndAsync(cancellation);
        // Each one that is started in place of a killed one, until the run gives up.
        while (await Task.WhenAny(end, Task.Delay(300, cancellation)) != end)
        {
            foreach (var qemu in hil.Machines()) _ = Syscall.kill(qemu, Signum.SIGKILL);
        }
        var run = await end;
        Assert.That(run.Code, Is.EqualTo(4), run.Errors);
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(At("out.json")));
        var losses = json.RootElement.GetProperty("losses").EnumerateArray().Select(l => l.GetProperty("cause").GetString()).ToList();
        Assert.That(run.Output, Does.StartWith("infrastructure"));
        Assert.That(losses, Is.Not.Empty.And.All.Match("signal 9|did not start"));
    }

    [Test, CancelAfter(600_000)]
    public async Task Two_runs_with_two_machines_each_share_what_the_host_carries(CancellationToken cancellation)
    {
        // Whatever has to be built, a template included, is built first.
        await RunAsync(cancellation, "run", "good.hil");
        string[] words = ["run", "vhost-net", "--programs", "60", "--jobs", "2"];
        using var first = HilProcess.Start(_folder.FullName, [], [.. words, "--out", "first"]);
        using var second = HilProcess.Start(_folder.FullName, [], [.. words, "--out", "second"]);
        var ends = Task.WhenAll(first.EndAsync(cancellation), second.EndAsync(cancellation));
        var most = 0;
        while (await Task.WhenAny(ends, Task.Delay(50, cancellation)) != ends) most = Math.Max(most, first.Machines().Length + second.Machines().Length);
        var both = await ends;
        Assert.That(both.Select(b => b.Code), Is.EqualTo((int[])[0, 0]), string.Join('\n', both.Select(b => b.Errors)));
        // Two slots, and the one that each may have in any case.
        Assert.That(most, Is.InRange(2, 3));
    }

    [Test, CancelAfter(600_000)]
    public async Task Fresh_gives_every_program_a_machine_of_its_own(CancellationToken cancellation)
    {
        using var hil = HilProcess.Start(_folder.FullName, [], "run", "vhost-net", "--programs", "0", "--fresh", "--json", "-");
        var end = hil.EndAsync(cancellation);
        var seen = new HashSet<int>();
        while (await Task.WhenAny(end, Task.Delay(10, cancellation)) != end) seen.UnionWith(hil.Machines());
        var run = await end;
        using var json = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.That(run.Code, Is.Zero, run.Errors);
        Assert.That(seen, Has.Count.GreaterThanOrEqualTo(json.RootElement.GetProperty("counts").GetProperty("programs").GetInt32()));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_trace_that_ends_in_a_crash_is_1_with_its_title(CancellationToken cancellation)
    {
        File.WriteAllText(At("dead.trace"), "hil-trace 1\nname d\ndevice vhost-net\nprofile hz=250 release=\"6.1.0\"\n1: open\n= @1+1 errno=0\n2: set-owner\nend crashed\n| BUG: in vhost_dev_set_owner\n");
        var judge = await RunAsync(cancellation, "judge", "dead.trace");
        Assert.That(judge.Code, Is.EqualTo(1), judge.Errors + judge.Output);
        Assert.That(judge.Output, Does.Contain("dead.trace: crashed: in step 2: BUG: in vhost_dev_set_owner"));
    }

    [Test, CancelAfter(300_000)]
    public async Task Two_runs_at_once_keep_apart(CancellationToken cancellation)
    {
        var both = await Task.WhenAll(RunAsync(cancellation, "run", "good.hil"), RunAsync(cancellation, "run", "good.hil"));
        var folders = Directory.GetDirectories(At("results")).Where(d => new DirectoryInfo(d).LinkTarget is null);
        Assert.That(both.Select(b => b.Code), Is.EqualTo((int[])[0, 0]), string.Join('\n', both.Select(b => b.Errors)));
        Assert.That(folders.Count(d => File.Exists(Path.Combine(d, "result.json"))), Is.EqualTo(2));
    }

    [Test, CancelAfter(300_000)]
    public async Task A_folder_that_holds_a_run_is_not_written_again(CancellationToken cancellation)
    {
        Directory.CreateDirectory(At("mine"));
        File.WriteAllText(At("mine/command.txt"), "hil run\n");
        var run = await RunAsync(cancellation, "run", "good.hil", "--out", "mine");
        Assert.That(run.Code, Is.EqualTo(2));
        Assert.That(Directory.GetFiles(At("mine")), Has.Length.EqualTo(1));
    }

    [Test, CancelAfter(120_000)]
    public async Task Without_QEMU_it_is_4_and_the_remedy_is_named(CancellationToken cancellation)
    {
        Assume.That(Syscall.geteuid(), Is.Zero, "hiding a program takes a mount namespace of one's own, which needs root");
        // A namespace whose /usr/bin is links to all that is there but QEMU. Only `doctor`: `run` would install it.
        const string hide = """
            set -e
            mkdir real farm
            mount --bind /usr/bin real
            cp -rs "$PWD/real/." farm/
            rm farm/qemu-system-x86_64
            mount --bind farm /usr/bin
            exec "$0" "$@"
            """;
        using var hil = HilProcess.StartUnder(_folder.FullName, ["unshare", "--mount", "sh", "-c", hide], "doctor");
        var doctor = await hil.EndAsync(cancellation);
        Assert.That(doctor.Code, Is.EqualTo(4), doctor.Errors + doctor.Output);
        Assert.That(doctor.Output, Does.Contain("missing  qemu-system-x86_64").And.Contain("install.sh"));
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private Task<HilOutcome> RunAsync(CancellationToken cancellation, params string[] arguments) => HilProcess.RunAsync(_folder.FullName, cancellation, arguments);
}
