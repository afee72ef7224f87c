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
        string init = File.ReadAllText(Path.Combine(Folder, "init-killed.log"));
        string memory = File.ReadAllText(Path.Combine(Folder, "memory-deadlock.log"));
        string kernel = File.ReadAllText(Path.Combine(Folder, "null-dereference.log"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ConsoleDiagnosis.IsInitGone(init), Is.True);
            Assert.That(ConsoleDiagnosis.IsInitGone(memory), Is.True);
            Assert.That(ConsoleDiagnosis.IsInitGone(kernel), Is.False);
            Assert.That(init.Split('\n').Any(ConsoleDiagnosis.IsPanic), Is.True);
        }
    }

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
