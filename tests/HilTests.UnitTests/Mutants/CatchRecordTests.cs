using HilTests.Cli.Triaging;
using HilTests.Lab;
using HilTests.Lab.Mutation;
using HilTests.Models;

namespace HilTests.UnitTests.Mutants;

/// <summary>What was caught where, and the order of a patch's programs that follows from it.</summary>
public sealed class CatchRecordTests
{
    private static string NewFolder(string content)
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, Guid.NewGuid().ToString("N"), "vhost-net"));
        File.WriteAllText(Path.Combine(folder.FullName, "caught.list"), content);
        return folder.Parent!.FullName;
    }

    [Test]
    public void What_is_written_is_read_again()
    {
        var text = new StringWriter { NewLine = "\n" };
        CatchRecord.Of([("f", "p"), ("g", "p"), ("f", "q"), ("f", "p")]).Write(text);

        var read = CatchRecord.Read(NewFolder(text.ToString()), "vhost-net");

        Assert.That(read.Of(["f"]), Is.EquivalentTo(new Dictionary<string, int> { ["p"] = 2, ["q"] = 1 }));
        Assert.That(read.Of(["f", "g"])["p"], Is.EqualTo(3));
        Assert.That(CatchRecord.Read(NewFolder(""), "f2fs").Programs, Is.Empty, "a device without a record");
    }

    [TestCase("f p", "line 1: expected FUNCTION PROGRAM TIMES, found 'f p'")]
    [TestCase("# remark\nf p -1", "line 2: expected FUNCTION PROGRAM TIMES, found 'f p -1'")]
    public void A_line_that_is_none_is_named(string content, string message)
    {
        var folder = NewFolder(content);

        Assert.That(() => CatchRecord.Read(folder, "vhost-net"), Throws.TypeOf<FormatException>().With.Message.Contains(message));
    }

    [TestCaseSource(typeof(ModelRegistry), nameof(ModelRegistry.Devices))]
    public void The_projects_own_record_names_programs_that_there_are(string device)
    {
        var programs = ModelRegistry.Get(device).HandWritten.Select(p => p.Name).ToHashSet();

        Assert.That(CatchRecord.Read(MutantSet.Folder(SourceTree.Find()), device).Programs.Where(p => !programs.Contains(p)), Is.Empty);
    }

    [Test]
    public void A_patch_s_programs_begin_with_those_that_caught_mistakes_there()
    {
        var names = ModelRegistry.Get("vhost-net").HandWritten.Select(p => p.Name).ToList();
        var programs = new TriagePrograms("vhost-net", 1, new Dictionary<string, int> { [names[30]] = 1, [names[20]] = 4, [names[10]] = 2 });
        foreach (var program in programs.HandWritten.Where(p => new[] { names[10], names[5], names[6], names[7] }.Contains(p.Program.Name)))
            programs.Scouted(program, program.Program.Name == names[6] ? 2 : 0);

        var order = programs.InOrder().Take(names.Count).Select(p => p.Program.Name).ToList();

        Assert.That(programs.HandWritten.First().Program.Name, Is.EqualTo(names[20]), "they are looked at first");
        Assert.That(order.Take(4), Is.EqualTo(new[] { names[20], names[30], names[6], names[0] }));
        Assert.That(order.TakeLast(3), Is.EqualTo(new[] { names[10], names[5], names[7] }), "what does not come to the change is the last");
        Assert.That(order, Is.EquivalentTo(names));
    }
}
