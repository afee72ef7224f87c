using System.Text.RegularExpressions;
using HilTests.Core.Devices;
using HilTests.Models;

namespace HilTests.UnitTests.Architecture;

/// <summary>Rules of the house that no compiler knows; each failure names what to do instead.</summary>
public sealed partial class HouseRulesTests
{
    private const int MostLines = 400;

    private static readonly string Root = FindRoot();

    public static IEnumerable<string> Devices => DeviceRegistry.Names;

    [Test]
    public void No_file_is_over_400_lines() =>
        Assert.That(
            Sources("src").Concat(Sources("tests")).Select(f => (f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > MostLines).Select(f => $"{Relative(f.f)}: {f.Lines} lines"),
            Is.Empty,
            "split it by what its parts are for");

    [Test]
    public void Nothing_sleeps_without_saying_what_it_waits_for() =>
        Assert.That(
            Lines("src").Where(l => Sleep().IsMatch(l.Text) && !l.Text.Contains("// waits:")).Select(l => l.Where),
            Is.Empty,
            "wait for the event itself (poll, a task, an eventfd); where there is none say on the line: // waits: for what, how long at most");

    [Test]
    public void No_test_sleeps() =>
        Assert.That(Lines("tests").Where(l => Sleep().IsMatch(l.Text) && !l.Where.Contains("HouseRulesTests")).Select(l => l.Where), Is.Empty, "wait for the event itself");

    [Test]
    public void Models_are_pure() =>
        Assert.That(
            Lines("src/HilTests.Models").Where(l => Impure().IsMatch(l.Text)).Select(l => $"{l.Where}: {l.Text.Trim()}"),
            Is.Empty,
            "a model takes time, chance and text from the trace or from a Seed it is given");

    [Test]
    public void Names_say_what_a_thing_is() =>
        Assert.That(
            Sources("src").Concat(Sources("tests")).Where(f => Vague().IsMatch(Path.GetFileNameWithoutExtension(f))).Select(Relative),
            Is.Empty,
            "name it after what it does or holds");

    [TestCaseSource(nameof(Devices))]
    public void A_device_has_all_its_parts(string device)
    {
        Assume.That(DeviceRegistry.Get(device).Steps, Is.Not.Empty, $"{device} has a name but no steps yet");
        var folder = string.Concat(device.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ModelRegistry.Devices, Does.Contain(device), "add the device's suite to ModelRegistry");
            Assert.That(Text("src/HilTests.Agent/Execution/ExecutorRegistry.cs"), Does.Contain($"[\"{device}\"]"), "add its executor");
            Assert.That(File.Exists(At($"vm-images/fragments/{device}.list")), Is.True, $"vm-images/fragments/{device}.list says what a VM needs for it");
            Assert.That(Directory.Exists(At($"tests/HilTests.DeviceTests/{folder}")), Is.True, $"tests/HilTests.DeviceTests/{folder} has its tests");
            Assert.That(File.Exists(At($"docs/rules/{device}.md")), Is.True, $"docs/rules/{device}.md says its rules in words");
        }
    }

    [TestCaseSource(typeof(ModelRegistry), nameof(ModelRegistry.Devices))]
    public void Every_rule_is_in_the_device_s_page(string device)
    {
        var page = Text($"docs/rules/{device}.md");
        Assert.That(ModelRegistry.Get(device).Model.Rules.Select(r => r.Id).Where(id => !page.Contains($"`{id}`")), Is.Empty, $"write them down in docs/rules/{device}.md, each as `id`");
    }

    [TestCase("        Thread.Sleep(5);", true)]
    [TestCase("        System.Threading.Thread.Sleep(5);", true)]
    [TestCase("        Asleep(ring);", false)]
    public void A_sleep_is_told_from_a_name(string line, bool sleeps) => Assert.That(Sleep().IsMatch(line), Is.EqualTo(sleeps));

    [TestCase("var now = DateTime.Now;", true)]
    [TestCase("File.ReadAllText(path)", true)]
    [TestCase("new Random(3)", true)]
    [TestCase("FileChoice.File => 1", false)]
    [TestCase("case SetVringKick { File: var file }:", false)]
    [TestCase("/// <summary>Random programs.</summary>", false)]
    public void Impure_code_is_told_from_words(string line, bool impure) => Assert.That(Impure().IsMatch(line), Is.EqualTo(impure));

    private static IEnumerable<(string Where, string Text)> Lines(string folder) =>
        Sources(folder).SelectMany(f => File.ReadLines(f).Select((text, i) => ($"{Relative(f)}:{i + 1}", text)));

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(At(folder), "*.cs", SearchOption.AllDirectories).Where(f => !Built().IsMatch(f));

    private static string Text(string path) => File.Exists(At(path)) ? File.ReadAllText(At(path)) : "";

    private static string At(string path) => Path.Combine(Root, path);

    private static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HilTests.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no HilTests.sln above {AppContext.BaseDirectory}: run the tests from a checkout");
    }

    [GeneratedRegex(@"\bThread\.Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\b(DateTime(Offset)?\.(Utc)?Now|Stopwatch\b|TimeProvider\b|Environment\.|new Random\b|Random\.Shared|RandomNumberGenerator|Guid\.NewGuid|System\.IO|(?<!\.)(File|Directory|Path)\.[A-Z]|Console\.|Thread\b|Task\.)")]
    private static partial Regex Impure();

    [GeneratedRegex("(Helper|Helpers|Util|Utils|Utility|Manager|Common)$")]
    private static partial Regex Vague();

    [GeneratedRegex(@"[/\\](bin|obj)[/\\]")]
    private static partial Regex Built();
}
