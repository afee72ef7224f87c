using System.Diagnostics;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Machines;
using HilTests.Lab.Machines.Templates;

namespace HilTests.DeviceTests.Machines;

/// <summary>Whatever happens to the cache of templates, a machine answers, or an error says why not.</summary>
[TestFixture]
public sealed class TemplateFaultTests
{
    private static readonly MachineOptions Options = new() { Start = MachineStart.Clone, Accelerator = AcceleratorChoice.Tcg };

    private readonly List<string> _told = [];
    private string _root = "";
    private string _good = "";
    private MachineParts _parts = null!;

    /// <summary>One good template; each test gets a copy of its own.</summary>
    [OneTimeSetUp]
    public async Task MakeTemplate()
    {
        _good = Directory.CreateTempSubdirectory("hil-templates-").FullName;
        _parts = await MachineParts.PrepareAsync(Options, CacheFolder.Default(), CancellationToken.None);
        await using var machine = await StartAsync(_good, Options, CancellationToken.None);
    }

    [OneTimeTearDown]
    public void RemoveTemplate() => Directory.Delete(_good, recursive: true);

    [SetUp]
    public async Task CopyTemplate()
    {
        _told.Clear();
        _root = Directory.CreateTempSubdirectory("hil-templates-").FullName;
        using var copy = Process.Start("cp", ["-a", "--sparse=always", $"{_good}/.", _root]);
        await copy.WaitForExitAsync();
        Assert.That(copy.ExitCode, Is.Zero);
    }

    [TearDown]
    public async Task RemoveCopy()
    {
        if (File.ReadLines("/proc/mounts").Any(l => l.Split(' ')[1] == _root))
        {
            using var unmount = Process.Start("umount", [_root]);
            await unmount.WaitForExitAsync();
        }
        Directory.Delete(_root, recursive: true);
    }

    [Test, CancelAfter(120_000)]
    public async Task A_good_template_is_used_as_it_is(CancellationToken cancellation)
    {
        await AnswersAsync(MachineStart.Clone, Options, cancellation);
        Assert.That(_told.Where(t => t.Contains("making a template")), Is.Empty);
    }

    [TestCase("state"), TestCase("memory"), TestCase("record"), TestCase("hello"), TestCase(".manifest"), CancelAfter(300_000)]
    public async Task A_damaged_file_makes_a_new_template(string file, CancellationToken cancellation)
    {
        Overwrite(Path.Combine(Template, file));
        await AnswersAsync(MachineStart.Clone, Options, cancellation);
        Assert.That(_told, Has.Some.Contains("damaged").And.Some.Contains("making a template"));
    }

    [TestCase("state"), TestCase("memory"), CancelAfter(300_000)]
    public async Task A_truncated_file_makes_a_new_template(string file, CancellationToken cancellation)
    {
        using (var stream = new FileStream(Path.Combine(Template, file), FileMode.Open)) stream.SetLength(stream.Length / 2);
        await AnswersAsync(MachineStart.Clone, Options, cancellation);
        Assert.That(_told, Has.Some.Contains("making a template"));
    }

    /// <summary>What no quick check finds: lengths, times and the manifest are as they should be.</summary>
    [TestCase("state"), TestCase("memory"), CancelAfter(300_000)]
    public async Task A_file_that_rotted_unseen_makes_a_new_template(string file, CancellationToken cancellation)
    {
        string path = Path.Combine(Template, file);
        var time = File.GetLastWriteTimeUtc(path);
        Overwrite(path);
        File.SetLastWriteTimeUtc(path, time);
        await AnswersAsync(MachineStart.Clone, Options, cancellation);
        Assert.That(_told, Has.Some.Contains("making a template"));
    }

    [Test, CancelAfter(300_000)]
    public async Task A_template_of_another_machine_is_thrown_away(CancellationToken cancellation)
    {
        // As after a mistake in the key: the state is that of a machine with one processor less.
        var other = Options with { Cpus = 1 };
        string name = Template;
        await AnswersAsync(MachineStart.Clone, other, cancellation);
        string foreign = Directory.GetDirectories(Templates).Single(d => d != name);
        Directory.Delete(name, recursive: true);
        Directory.Move(foreign, name);
        await AnswersAsync(MachineStart.Clone, Options, cancellation);
        Assert.That(_told, Has.Some.Contains("thrown away"));
    }

    [Test, CancelAfter(300_000)]
    public async Task Half_a_template_that_a_killed_build_left_is_not_used_and_goes(CancellationToken cancellation)
    {
        string half = $"{Template}.{int.MaxValue}.new";
        Directory.Move(Template, half);
        File.Delete(Path.Combine(half, ".manifest"));
        await AnswersAsync(MachineStart.Clone, Options, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_told, Has.Some.Contains("making a template"));
            Assert.That(Directory.Exists(half), Is.False);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_read_only_cache_gives_a_boot_and_says_why(CancellationToken cancellation)
    {
        Mount("--bind", _root, _root);
        Mount("-o", "remount,bind,ro", _root);
        await AnswersAsync(MachineStart.Cold, Options with { Start = MachineStart.Auto }, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_told, Has.Some.StartsWith("no clone: ").And.Some.Contains("Read-only"));
            Assert.That(async () => await StartAsync(_root, Options, cancellation), Throws.TypeOf<InfrastructureException>());
        }
    }

    [TestCase(16), CancelAfter(300_000)]
    public async Task A_full_cache_gives_a_boot_and_says_why(int mebibytes, CancellationToken cancellation)
    {
        Mount("-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", _root);
        await AnswersAsync(MachineStart.Cold, Options with { Start = MachineStart.Auto }, cancellation);
        Assert.That(_told, Has.Some.StartsWith("no clone: "));
    }

    [Test, CancelAfter(300_000)]
    public async Task Two_that_need_the_same_template_build_it_once(CancellationToken cancellation)
    {
        Directory.Delete(Template, recursive: true);
        await using var first = await StartAsync(_root, Options, cancellation);
        await Task.WhenAll(AnswersAsync(MachineStart.Clone, Options, cancellation), AnswersAsync(MachineStart.Clone, Options, cancellation));
        Directory.Delete(Template, recursive: true);
        _told.Clear();
        await Task.WhenAll(AnswersAsync(MachineStart.Clone, Options, cancellation), AnswersAsync(MachineStart.Clone, Options, cancellation));
        Assert.That(_told.Count(t => t.StartsWith("making a template")), Is.EqualTo(1));
    }

    [Test, CancelAfter(300_000)]
    public async Task Too_many_templates_go_but_never_one_in_use(CancellationToken cancellation)
    {
        var store = new TemplateStore(new CacheFolder(_root), _told.Add) { Limit = 1 };
        string first = Template;
        await using (await StartAsync(_root, Options, cancellation, store))
        {
            await using (await StartAsync(_root, Options with { Cpus = 1 }, cancellation, store))
                Assert.That(Directory.Exists(first), Is.True, "it is in use");
        }
        await using (await StartAsync(_root, Options with { Cpus = 3 }, cancellation, store))
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(Directory.Exists(first), Is.False, "it was not used for longest");
                Assert.That(Directory.GetDirectories(Templates), Has.Length.EqualTo(1));
            }
        }
    }

    private string Templates => Path.Combine(_root, "templates");

    /// <summary>The only one there is.</summary>
    private string Template => Directory.GetDirectories(Templates).Single(d => !d.EndsWith(".new"));

    private Task<QemuMachine> StartAsync(string root, MachineOptions options, CancellationToken cancellation, TemplateStore? store = null) =>
        QemuMachine.StartAsync(options with { Progress = Tell }, _parts, AcceleratorChoice.Tcg,
            store ?? new TemplateStore(new CacheFolder(root), Tell), Stopwatch.GetTimestamp(), cancellation);

    private async Task AnswersAsync(MachineStart expected, MachineOptions options, CancellationToken cancellation)
    {
        await using var machine = await StartAsync(_root, options, cancellation);
        var profile = await machine.ProbeAsync(cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(machine.Facts.Start, Is.EqualTo(expected), string.Join('\n', _told));
            Assert.That(profile, Does.Contain("release="));
        }
    }

    private void Tell(string line)
    {
        lock (_told) _told.Add(line);
        TestContext.Progress.WriteLine(line);
    }

    private static void Overwrite(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write);
        byte[] noise = new byte[Math.Min(stream.Length, 64 << 20)];
        new Random(1).NextBytes(noise);
        stream.Write(noise);
    }

    private static void Mount(params string[] arguments)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root can mount");
        using var mount = Process.Start("mount", arguments);
        mount.WaitForExit();
        if (mount.ExitCode != 0) Assert.Ignore($"this machine does not let root mount: mount {string.Join(' ', arguments)}");
    }
}
