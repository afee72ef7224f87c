using System.Diagnostics;
using System.Text;
using HilTests.Lab;
using HilTests.Lab.Diagnosis;

namespace HilTests.UnitTests.Diagnosis;

/// <summary>Consoles that a guest wrote to do harm: the parser comes back in time and keeps little.</summary>
[TestFixture]
public sealed class HostileConsoleTests
{
    private static readonly string[] Pieces =
    [
        "BUG: ", "BUG: KASAN: x in y", "WARNING: CPU: 1 PID: 2 at ", "Call Trace:\n", " f+0x1/0x2 [m]\n", "RIP: 0010:", "[    1.000000] ", "[    1.000000][  T12] ", "\r", "\n",
        "Kernel panic - not syncing: ", "---[ end trace", "---[ cut here ]---", "\e[31m", "\e[", "\0", "aaaaaaaa", "+0x", "/0x", "[[[[", "]]]]", "<4>", "?", " ? ", "0123456789.",
        "hil-agent: program #1 x logged the lines above", "UBSAN: a in b:1", "INFO: task a:1 blocked for more than 2 seconds.", "at: ", "\uFFFD", "ü", "</TASK>",
    ];

    [TestCase("[", 2_000_000)]
    [TestCase("BUG: ", 400_000)]
    [TestCase("a+0x1/0x", 250_000)]
    [TestCase("[    1.000000] ", 130_000)]
    [TestCase("[    1.000000] BUG: x ", 90_000)]
    [TestCase("BUG: KASAN: x in y\n", 100_000)]
    [TestCase("WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2\nCall Trace:\n g+0x1/0x2\n", 30_000)]
    [TestCase("[    1.000000][T1] BUG: x\n[    1.000000][T2] y\n", 40_000)]
    [TestCase("BUG: KASAN: a a a a a a a a a ", 60_000)]
    [TestCase("\e[1;", 500_000)]
    [TestCase("Kernel panic - not syncing: x\n", 70_000)]
    public void Two_megabytes_of_anything_take_little_time(string piece, int times)
    {
        string console = new StringBuilder().Insert(0, piece, times).ToString();
        long begin = Stopwatch.GetTimestamp();
        var reports = ConsoleParser.Parse(console);
        using (Assert.EnterMultipleScope())
        {
            // Measured: below half a second; anything that grows with the square takes minutes.
            Assert.That(Stopwatch.GetElapsedTime(begin), Is.LessThan(TimeSpan.FromSeconds(20)));
            Assert.That(reports, Has.Length.LessThanOrEqualTo(200));
            Assert.That(reports.Sum(r => r.Lines.Sum(l => (long)l.Length)), Is.LessThan(40_000_000));
            Assert.That(reports.Select(r => r.Title.Length), Has.All.LessThan(400));
        }
    }

    [Test]
    public void Any_mixture_is_read_without_an_error([Range(0, 40)] int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 300; i++)
        {
            var console = new StringBuilder();
            int pieces = random.Next(1, 60);
            for (int n = 0; n < pieces; n++)
                console.Append(random.Next(8) == 0 ? ((char)random.Next(0x10000)).ToString() : Pieces[random.Next(Pieces.Length)]);
            var diagnosis = ConsoleDiagnosis.Of(console.ToString());
            Assert.That(diagnosis.Reports.Select(r => r.Title), Has.All.Not.Empty, $"seed {seed}, console {i}");
        }
    }

    [Test]
    public void A_console_with_bytes_changed_is_read_without_an_error([Range(0, 20)] int seed)
    {
        var random = new Random(seed);
        string folder = SourceTree.Find().At("tests", "HilTests.UnitTests", "Diagnosis", "Consoles");
        foreach (string file in Directory.GetFiles(folder, "*.log"))
        {
            char[] console = File.ReadAllText(file).ToCharArray();
            if (console.Length == 0)
                continue;
            for (int n = 0; n < 40; n++)
                console[random.Next(console.Length)] = (char)random.Next(256);
            Assert.That(ConsoleParser.Parse(new string(console)), Has.Length.LessThan(100), $"{Path.GetFileName(file)}, seed {seed}");
        }
    }
}
