using HilTests.Lab;
using HilTests.Lab.Diagnosis;

namespace HilTests.UnitTests.Diagnosis;

/// <summary>
/// Each console of Consoles (NAME.log) has beside it what must be read from it (NAME.expect): kind, title, first telling
/// frames, process, processor, taint of the cause, whether the kernel panicked, then the titles of the other reports; or
/// <c>none</c>. To add a case, drop in two files.
/// </summary>
[TestFixture]
public sealed class ConsoleParserTests
{
    private static string Folder => SourceTree.Find().At("tests", "HilTests.UnitTests", "Diagnosis", "Consoles");

    [TestCaseSource(nameof(Consoles))]
    public void A_console_is_read_as_expected(string name)
    {
        string read = Describe(ConsoleDiagnosis.Of(File.ReadAllText(Path.Combine(Folder, name + ".log"))));
        Assert.That(read, Is.EqualTo(File.ReadAllText(Path.Combine(Folder, name + ".expect"))));
    }

    [Test]
    public void There_are_consoles_of_many_kinds()
    {
        var kinds = Consoles().SelectMany(n => ConsoleParser.Parse(File.ReadAllText(Path.Combine(Folder, n + ".log")))).Select(r => r.Kind).ToHashSet();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Consoles().Count(), Is.GreaterThanOrEqualTo(40));
            Assert.That(Enum.GetValues<ReportKind>().Where(k => !kinds.Contains(k)), Is.Empty, "kinds without an example");
        }
    }

    [TestCaseSource(nameof(Consoles))]
    public void A_console_may_be_cut_anywhere(string name)
    {
        string console = File.ReadAllText(Path.Combine(Folder, name + ".log"));
        var whole = ConsoleParser.Parse(console);
        for (int length = 0; length < console.Length; length += 97)
        {
            var part = ConsoleParser.Parse(console[..length]);
            Assert.That(part, Has.Length.LessThanOrEqualTo(whole.Length + 1), $"cut after {length} characters");
        }
    }

    [TestCaseSource(nameof(Consoles))]
    public void Other_line_ends_change_nothing(string name)
    {
        string console = File.ReadAllText(Path.Combine(Folder, name + ".log")).Replace("\r", "", StringComparison.Ordinal);
        Assert.That(Describe(ConsoleDiagnosis.Of(console.Replace("\n", "\r\n", StringComparison.Ordinal))), Is.EqualTo(Describe(ConsoleDiagnosis.Of(console))));
    }

    [Test]
    public void What_the_guest_did_to_itself_is_told_from_the_kernels_end()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Kinds("init-killed"), Is.EqualTo([ReportKind.InitGone]));
            Assert.That(Kinds("memory-deadlock"), Is.EqualTo([ReportKind.OutOfMemory, ReportKind.MemoryDeadlock]));
            Assert.That(Kinds("null-dereference"), Is.EqualTo([ReportKind.Oops]));
            Assert.That(File.ReadAllText(Path.Combine(Folder, "init-killed.log")).Split('\n').Any(ConsoleDiagnosis.IsPanic), Is.True);
        }

        static IEnumerable<ReportKind> Kinds(string name) => ConsoleParser.Parse(File.ReadAllText(Path.Combine(Folder, name + ".log"))).Select(r => r.Kind);
    }

    [TestCase("[    6.565804] watchdog: BUG: soft lockup - CPU#1 stuck for 3s! [hil-soft-lockup:93]", 3)]
    [TestCase("[    7.301188] rcu: INFO: rcu_preempt self-detected stall on CPU", 4)]
    [TestCase("[    7.406419] INFO: task hil-hung-task:94 blocked for more than 15 seconds.", 15)]
    [TestCase("NMI watchdog: Watchdog detected hard LOCKUP on cpu 0", 2)]
    [TestCase("[    3.073175] kernel BUG at fs/f2fs/data.c:81!", null)]
    [TestCase("a program says soft lockup", null)]
    public void A_line_about_time_says_how_much(string line, int? seconds) =>
        Assert.That(ConsoleDiagnosis.StallIn(line)?.TotalSeconds, Is.EqualTo(seconds));

    [Test]
    public void Only_what_stands_behind_the_last_mark_is_about_the_last_program()
    {
        string warning = File.ReadAllText(Path.Combine(Folder, "6.1-warn.log"));
        string bug = File.ReadAllText(Path.Combine(Folder, "6.1-bug.log"));
        string console = $"{warning}[    5.000000] hil-agent: program #3 tx-basic logged the lines above\n{bug}";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ConsoleDiagnosis.OfLastProgram(console).Cause?.Title, Is.EqualTo("kernel BUG in hil_bug"));
            Assert.That(ConsoleDiagnosis.Of(console).Cause?.Title, Is.EqualTo("WARNING in hil_warn"));
        }
    }

    private static string Describe(ConsoleDiagnosis diagnosis)
    {
        if (diagnosis.Cause is not { } cause)
            return "none\n";
        var lines = new List<string> { $"kind {cause.Kind}", $"title {cause.Title}" };
        if (cause.TellingFrames.Any())
            lines.Add($"frames {string.Join(' ', cause.TellingFrames.Select(f => f.Function).Take(3))}");
        if (cause.Process.Length > 0)
            lines.Add($"process {cause.Process}");
        if (cause.Cpu is { } cpu)
            lines.Add($"cpu {cpu}");
        if (cause.Taint.Length > 0)
            lines.Add($"taint {cause.Taint}");
        lines.Add($"panic {(cause.EndsInPanic ? "yes" : "no")}");
        lines.AddRange(diagnosis.Reports.Where(r => r != cause).Select(r => $"also {r.Title}"));
        return string.Concat(lines.Select(l => l + "\n"));
    }

    private static IEnumerable<string> Consoles() => Directory.GetFiles(Folder, "*.log").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal);
}
