using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Traces;
using HilTests.Reporting;

namespace HilTests.UnitTests.Reporting;

public sealed class ResultFolderTests
{
    private string _root = "";

    [SetUp]
    public void MakeRoot() => _root = Directory.CreateTempSubdirectory("hil-results-").FullName;

    [TearDown]
    public void RemoveRoot() => Directory.Delete(_root, recursive: true);

    private static DateTimeOffset Started => SampleRun.Make().Started;

    [Test]
    public void A_run_is_written_whole_and_nothing_else_is_left()
    {
        var folder = ResultFolder.ClaimDated(_root, Started, "hil run");
        folder.Write(SampleRun.Make());
        var files = Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName);
        Assert.That(files, Is.EquivalentTo(new[] { "command.txt", "console.log", "junit.xml", "report.html", "result.json", "result.ktap", "summary.txt" }));
        Assert.That(Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName), Is.EquivalentTo(new[] { "2026-01-31-123005", "latest" }));
        Assert.That(Directory.EnumerateFiles(Path.Combine(folder.Path, "programs")).Count(), Is.EqualTo(SampleRun.Make().Programs.Length));
    }

    [Test]
    public void Archived_programs_and_traces_read_back()
    {
        var result = SampleRun.Diverging("tx-reorder");
        var folder = ResultFolder.ClaimDated(_root, Started, "hil run");
        folder.Write(SampleRun.Of([result]));
        var program = ProgramText.Parse(File.ReadAllText(Path.Combine(folder.Path, "programs/tx-reorder.hil")));
        var trace = TraceText.Parse(File.ReadAllText(Path.Combine(folder.Path, "traces/tx-reorder.trace")));
        Assert.That(program, Is.EqualTo(result.Program));
        Assert.That(trace, Is.EqualTo(result.Trace));
    }

    [Test]
    public void Latest_leads_to_the_newest_run()
    {
        var first = ResultFolder.ClaimDated(_root, Started, "one");
        first.Write(SampleRun.Of([]));
        var second = ResultFolder.ClaimDated(_root, Started, "two");
        second.Write(SampleRun.Of([]));
        Assert.That(second.Path, Is.Not.EqualTo(first.Path));
        Assert.That(File.ReadAllText(Path.Combine(_root, "latest", "command.txt")), Is.EqualTo("two\n"));
        Assert.That(File.ReadAllText(Path.Combine(first.Path, "command.txt")), Is.EqualTo("one\n"), "the earlier run is kept");
    }

    [Test]
    public void A_folder_that_holds_a_run_is_refused()
    {
        var path = Path.Combine(_root, "out");
        ResultFolder.Claim(path, "one");
        Assert.That(() => ResultFolder.Claim(path, "two"), Throws.TypeOf<IOException>().With.Message.Contains("holds a run already"));
    }

    [Test]
    public void Many_runs_at_once_each_get_their_own_folder()
    {
        var paths = new string[8];
        Parallel.For(0, paths.Length, i =>
        {
            var folder = ResultFolder.ClaimDated(_root, Started, $"run {i}");
            folder.Write(SampleRun.Of([]));
            paths[i] = folder.Path;
        });
        Assert.That(paths, Is.Unique);
        Assert.That(Directory.Exists(Path.Combine(_root, "latest")), Is.True);
    }

    [Test]
    public void A_write_that_fails_leaves_the_older_file()
    {
        var path = Path.Combine(_root, "result.json");
        File.WriteAllText(path, "old");
        Assert.That(
            () => ResultFolder.WriteFile(path, writer =>
            {
                writer.Write("half");
                throw new IOException("disk full");
            }),
            Throws.TypeOf<IOException>().With.Message.EqualTo("disk full"));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.EnumerateFiles(_root).Count(), Is.EqualTo(1), "nothing else is left");
    }

    [Test]
    public void Names_are_safe_and_unique()
    {
        var programs = ((string[])["../../etc/passwd", "a b", "a-b", "A-B", "...", ""]).Select(name => new ProgramResult { Program = SampleRun.Empty("f2fs", name) });
        var names = new ArchiveNames(SampleRun.Of([.. programs]) with { Folder = null });
        var files = Enumerable.Range(0, 6).Select(names.ProgramFile).ToList();
        Assert.That(files, Is.EqualTo(new[]
        {
            "programs/etc-passwd.hil", "programs/a-b.hil", "programs/a-b-2.hil", "programs/A-B-3.hil", "programs/unnamed.hil", "programs/unnamed-2.hil",
        }));
    }

    [Test]
    public void The_replay_command_is_ready_for_a_shell()
    {
        var names = new ArchiveNames(SampleRun.Of([SampleRun.Conforming("a")]) with { Folder = "my runs/it's" });
        Assert.That(names.ReplayCommand(0), Is.EqualTo("hil replay 'my runs/it'\\''s/programs/a.hil'"));
    }
}
