using HilTests.Lab;
using HilTests.Lab.Diagnosis;

namespace HilTests.UnitTests.Diagnosis;

/// <summary>
/// Each file of Logs is a case: first line <c>TITLE: …</c> (or <c>TITLE:</c> alone for a console without a crash),
/// an empty line, then the console. To add a case, drop in a file.
/// </summary>
[TestFixture]
public sealed class ConsoleDiagnosisTests
{
    private static string Folder => SourceTree.Find().At("tests", "HilTests.UnitTests", "Diagnosis", "Logs");

    [TestCaseSource(nameof(Logs))]
    public void The_title_is_the_one_in_the_first_line_of_the_file(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name));
        int end = text.IndexOf('\n');
        string expected = text[..end]["TITLE:".Length..].Trim();
        Assert.That(ConsoleDiagnosis.Title(text[(end + 1)..]) ?? "", Is.EqualTo(expected));
    }

    [Test]
    public void The_end_of_the_first_process_is_told_from_other_panics()
    {
        string console = File.ReadAllText(Path.Combine(Folder, "init-killed.log"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ConsoleDiagnosis.IsInitGone(console), Is.True);
            Assert.That(console.Split('\n').Any(ConsoleDiagnosis.IsPanic), Is.True);
            Assert.That(ConsoleDiagnosis.IsInitGone(File.ReadAllText(Path.Combine(Folder, "null-dereference.log"))), Is.False);
        }
    }

    private static IEnumerable<string> Logs() => Directory.GetFiles(Folder, "*.log").Select(f => Path.GetFileName(f)!);
}
