using HilTests.Core.Channel;
using HilTests.Lab.Modules;
using HilTests.Lab.Patches;

namespace HilTests.UnitTests.Patches;

/// <summary>What a patch changes, why it does not fit, and what compilers say.</summary>
public sealed class ChangedFunctionsTests
{
    [Test]
    public void A_change_belongs_to_the_function_around_it_and_not_to_the_hunk_s_head()
    {
        var root = Directory.CreateTempSubdirectory("hil-test-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "drivers/vhost"));
            File.WriteAllText(Path.Combine(root, "drivers/vhost/net.c"), "static int one(void)\n{\n\treturn 1;\n}\n\nstatic int two(void)\n{\n\treturn 2;\n}\n");
            const string diff = "--- a/drivers/vhost/net.c\n+++ b/drivers/vhost/net.c\n@@ -5,5 +5,5 @@ static int one(void)\n \n static int two(void)\n {\n-\treturn 2;\n+\treturn 3;\n }\n";
            var changed = ChangedFunctions.Of(PatchSeries.Of([new PatchMail { Origin = "x", Subject = "x", Diff = diff }]), root);
            Assert.That(changed.Functions, Is.EqualTo((ChangedFunction[])[new("drivers/vhost/net.c", "two")]));
            Assert.That(changed.Outside, Is.Empty);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Test]
    public void A_rejected_hunk_says_what_is_there_instead()
    {
        var hunk = RejectedHunk.Read(["--- a/x.c", "+++ b/x.c", "@@ -10,3 +10,3 @@ static int two(void)", " \tint first = 1;", "-\tint second = 2;", "+\tint second = 3;", " \tint third = 3;"]).Single();
        var said = hunk.Explain("x.c", ["\tint zero = 0;", "\tint first = 1;", "\tint second = 22;", "\tint third = 3;"]);
        Assert.That(said, Does.Contain("line 3: the patch expects  int second = 2;").And.Contain("int second = 22;"));
    }

    [Test]
    public void Of_a_compiler_s_words_the_errors_stay_in_order()
    {
        const string said = "  CC [M]  fs/f2fs/a.o\nfs/f2fs/a.c:3:1: warning: unused\n    3 | int x;\nfs/f2fs/a.c:9:2: error: 'y' undeclared\n    9 |  y = 1;\n      |  ^\nmake[2]: *** [x] Error 1\n";
        Assert.That(CompilerErrors.Excerpt(said), Is.EqualTo("fs/f2fs/a.c:9:2: error: 'y' undeclared\n    9 |  y = 1;\n      |  ^"));
        Assert.That(CompilerErrors.Warnings(said), Is.EqualTo((string[])["fs/f2fs/a.c:3:1: warning: unused"]));
    }

    [Test]
    public void Watched_functions_survive_the_channel()
    {
        WatchedFunction[] functions = [new("vhost_net", "handle_tx.isra.0"), new("f2fs", "f2fs_trim_fs")];
        Assert.That(FunctionWatch.TryParseRequest(FunctionWatch.Request(functions), out var read), Is.True);
        Assert.That(read, Is.EqualTo(functions));
        var answer = FunctionWatch.ParseAnswer(FunctionWatch.Answer([(functions[0], 12L), (functions[1], null)]));
        Assert.That(answer, Is.EqualTo(((WatchedFunction, long?)[])[(functions[0], 12L), (functions[1], null)]));
        Assert.That(FunctionWatch.TryParseRequest("watch a:b;c", out _), Is.False);
    }

    [TestCase("")]
    [TestCase("\u007fELF\u0002\u0001 and then nothing that fits, but long enough to be read as a header of some sort")]
    public void What_is_no_module_has_no_functions(string content) => Assert.That(ModuleSymbols.Functions(System.Text.Encoding.Latin1.GetBytes(content)), Is.Empty);
}
