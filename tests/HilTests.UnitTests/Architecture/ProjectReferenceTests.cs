using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HilTests.UnitTests.Architecture;

/// <summary>
/// The rooms and their arrows, read from the project files. Models must not see Uapi: a wrong constant there would
/// mislead the device's side and the model's side alike.
/// </summary>
public sealed partial class ProjectReferenceTests
{
    private static readonly string Root = FindRoot();

    [TestCase("HilTests.Core")]
    [TestCase("HilTests.Uapi")]
    [TestCase("HilTests.Models", "HilTests.Core")]
    [TestCase("HilTests.Lab", "HilTests.Core")]
    [TestCase("HilTests.Reporting", "HilTests.Core")]
    [TestCase("HilTests.Agent", "HilTests.Core", "HilTests.Uapi")]
    [TestCase("HilTests.Nightly", "HilTests.Core", "HilTests.Reporting")]
    [TestCase("HilTests.Cli", "HilTests.Core", "HilTests.Models", "HilTests.Lab", "HilTests.Reporting", "HilTests.Nightly")]
    public void ARoomReferencesOnlyTheRoomsBelowIt(string room, params string[] allowed) =>
        Assert.That(ReferencesOf(room), Is.SubsetOf(allowed), $"{room} may reference {(allowed.Length == 0 ? "no room" : string.Join(", ", allowed))}");

    [Test]
    public void EveryRoomIsUnderThisRule()
    {
        var rules = typeof(ProjectReferenceTests).GetMethod(nameof(ARoomReferencesOnlyTheRoomsBelowIt))!
            .GetCustomAttributes(typeof(TestCaseAttribute), false)
            .Select(a => (string)((TestCaseAttribute)a).Arguments[0]!);

        Assert.That(
            Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(Path.GetFileName),
            Is.EquivalentTo(rules));
    }

    [Test]
    public void ModelsDoNotSeeUapiOverAnyDetour()
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>(["HilTests.Models"]);
        while (open.TryPop(out var room))
        {
            if (seen.Add(room))
                ReferencesOf(room).ForEach(open.Push);
        }

        Assert.Multiple(() =>
        {
            Assert.That(seen, Does.Contain("HilTests.Core"), "the arrows were read");
            Assert.That(seen, Does.Not.Contain("HilTests.Uapi"));
        });
    }

    [Test]
    public void ReferencesAreInProjectFilesOnly() =>
        Assert.That(
            Directory.EnumerateFiles(Root, "Directory.Build.*").Where(f => File.ReadAllText(f).Contains("<ProjectReference", StringComparison.Ordinal)),
            Is.Empty,
            "an arrow in a shared file would escape this test");

    [Test]
    public void OnlyUapiCallsNativeCode()
    {
        var inUapi = Path.Combine(Root, "src", "HilTests.Uapi") + Path.DirectorySeparatorChar;
        var callers = SourceFiles().Where(f => NativeImport().IsMatch(File.ReadAllText(f))).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(callers.Where(f => !f.StartsWith(inUapi, StringComparison.Ordinal)), Is.Empty, "move it to HilTests.Uapi");
            Assert.That(callers.Count(f => f.StartsWith(inUapi, StringComparison.Ordinal)), Is.Positive, "the search works");
        });
    }

    [TestCase("    [LibraryImport(\"libc\")]", true)]
    [TestCase("[DllImport(\"libc\", SetLastError = true)]", true)]
    [TestCase("[return: A, LibraryImportAttribute(X)]", true)]
    [TestCase("m.GetCustomAttribute<LibraryImportAttribute>()", false)]
    [TestCase("// [DllImport] is for Uapi", false)]
    public void AnImportIsToldFromItsMention(string line, bool isImport) =>
        Assert.That(NativeImport().IsMatch(line), Is.EqualTo(isImport));

    private static List<string> ReferencesOf(string room)
    {
        var project = XDocument.Load(Path.Combine(Root, "src", room, $"{room}.csproj"));
        return [.. project.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))];
    }

    private static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests" }
            .SelectMany(d => Directory.EnumerateFiles(Path.Combine(Root, d), "*.cs", SearchOption.AllDirectories))
            .Where(f => !Generated().IsMatch(f) && Path.GetFileName(f) != "ProjectReferenceTests.cs");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HilTests.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no HilTests.sln above {AppContext.BaseDirectory}: run the tests from a checkout");
    }

    [GeneratedRegex(@"^[ \t]*\[[^\]\n]*\b(LibraryImport|DllImport)(Attribute)?\s*\(", RegexOptions.Multiline)]
    private static partial Regex NativeImport();

    [GeneratedRegex(@"[/\\](bin|obj)[/\\]")]
    private static partial Regex Generated();
}
