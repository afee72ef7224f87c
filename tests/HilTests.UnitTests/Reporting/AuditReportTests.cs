using System.Text.Json;
using System.Xml.Linq;
using HilTests.Cli;
using HilTests.Cli.Commands;
using HilTests.Reporting.Auditing;

namespace HilTests.UnitTests.Reporting;

/// <summary>The kill matrix in its formats, and what the command ends with.</summary>
public sealed class AuditReportTests
{
    private static readonly AuditedMutant Caught = Mutant("off-by-one", MutantFate.Caught) with { Verdict = "diverges", Program = "tx-tap", Rule = "vhost.tx.used", Detail = "step 9: <3> | 4", Seconds = 0.25, Programs = 4, Claims = 80, ExactClaims = 60 };
    private static readonly AuditedMutant Survivor = Mutant("quiet", MutantFate.Survived) with { Programs = 900, Claims = 20 };
    private static readonly AuditedMutant Equal = Mutant("barrier", MutantFate.Survived) with { Equivalent = "x86 keeps the order" };
    private static readonly AuditedMutant Harmless = Mutant("slower", MutantFate.Conforms) with { IsHarmless = true };
    private static readonly AuditedMutant Blamed = Mutant("other-batch", MutantFate.FalseAlarm) with { IsHarmless = true, Verdict = "diverges", Program = "rx", Rule = "vhost.rx.used", Repeats = (1, 2) };
    private static readonly AuditedMutant Broken = Mutant("no-build", MutantFate.NotTried) with { Detail = "does not compile" };

    private static IEnumerable<TestCaseData> Codes =>
    [
        new TestCaseData(Audit(Caught, Equal, Harmless), ExitCode.Conforms).SetArgDisplayNames("all caught"),
        new TestCaseData(Audit(Caught, Survivor), ExitCode.Finding).SetArgDisplayNames("one survived"),
        new TestCaseData(Audit(Caught, Blamed), ExitCode.Finding).SetArgDisplayNames("a false alarm"),
        new TestCaseData(Audit(Caught, Broken), ExitCode.Infrastructure).SetArgDisplayNames("one not tried"),
        new TestCaseData(Audit(Caught, Survivor) with { Interrupted = true }, ExitCode.Interrupted).SetArgDisplayNames("interrupted"),
    ];

    [TestCaseSource(nameof(Codes))]
    public void The_exit_code_says_whether_the_judge_did_well(AuditResult audit, int code) => Assert.That(AuditCommand.CodeOf(audit), Is.EqualTo(code));

    [Test]
    public void The_table_names_program_and_rule_of_each_and_why_others_survived()
    {
        using var writer = new StringWriter();
        AuditText.WriteMarkdown(Audit(Caught, Survivor, Equal, Harmless, Blamed, Broken), writer);
        using (Assert.EnterMultipleScope())
        {
            Assert.That($"{writer}", Does.Contain("wrong        1 of 2 caught; 1 survived; 1 more are equivalent"));
            Assert.That($"{writer}", Does.Contain("harmless     1 of 2 conform"));
            Assert.That($"{writer}", Does.Contain("| off-by-one | f: it | diverges | tx-tap | vhost.tx.used | 0.25 |"));
            Assert.That($"{writer}", Does.Contain("| barrier | f: it | equivalent: x86 keeps the order |"));
            Assert.That($"{writer}", Does.Contain("| quiet | f: it | survived | 900 | 20 |"));
            Assert.That($"{writer}", Does.Contain("false alarm: diverges in rx, vhost.rx.used").And.Contain("seen again 1 of 2 times"));
            Assert.That($"{writer}", Does.Contain("not tried: does not compile"));
        }
    }

    [Test]
    public void The_JSON_has_each_mutant()
    {
        using var writer = new StringWriter();
        AuditJson.Write(Audit(Caught, Blamed), writer);
        using var read = JsonDocument.Parse($"{writer}");
        var first = read.RootElement.GetProperty("mutants")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.RootElement.GetProperty("schema").GetString(), Is.EqualTo("hil-audit/1"));
            Assert.That(read.RootElement.GetProperty("false-alarms").GetInt32(), Is.EqualTo(1));
            Assert.That(first.GetProperty("fate").GetString(), Is.EqualTo("caught"));
            Assert.That(first.GetProperty("rule").GetString(), Is.EqualTo("vhost.tx.used"));
            Assert.That(first.TryGetProperty("equivalent", out _), Is.False);
        }
    }

    [Test]
    public void The_page_is_well_formed_and_puts_what_failed_first()
    {
        using var writer = new StringWriter();
        AuditHtml.Write(Audit(Caught, Survivor), writer);
        var rows = XDocument.Parse($"{writer}").Descendants("tbody").Single().Elements("tr").Select(r => r.Elements("td").First().Value);
        Assert.That(rows, Is.EqualTo((string[])["vhost-net quiet", "vhost-net off-by-one"]));
    }

    private static AuditedMutant Mutant(string name, MutantFate fate) =>
        new() { Device = "vhost-net", Name = name, Origin = "hand", IsHarmless = false, Description = "f: it", Fate = fate };

    private static AuditResult Audit(params AuditedMutant[] mutants) => new()
    {
        Started = DateTimeOffset.UnixEpoch,
        Command = "hil audit",
        Kernel = "6.1.0-56-amd64",
        Limit = TimeSpan.FromSeconds(20),
        Seed = 1,
        Mutants = [.. mutants],
        Planned = mutants.Length,
    };
}
