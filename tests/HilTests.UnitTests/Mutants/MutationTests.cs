using HilTests.Lab;
using HilTests.Lab.Mutation;
using HilTests.Models;

namespace HilTests.UnitTests.Mutants;

/// <summary>The operators, on a small C file, and the project's own set of mutants.</summary>
public sealed class MutationTests
{
    private const string Code = """
        /* if (a < b) a comment is no code; */
        #define LIMIT(x) \
        	((x) < 7)
        static const int table[] = { 1, 2 };

        static int first(int a, struct thing *t)
        {
        	int i = 0, len = a + 1;

        	if (a < t->len && !t->done)
        		goto err;
        	for (i = 0; i < len; i++)
        		t->slot[i] = LIMIT(a);
        	pr_debug("a < b is %d\n", a + 2);
        	vq_err(t, "len %d", a + 3);
        	mutex_lock(&t->lock);
        	use(t, a);
        	return -EINVAL;
        err:
        	return VHOST_ONE | VHOST_TWO;
        }

        void second(void)
        {
        	char c = '\'';
        	while (c)
        		break;
        }
        """;

    private static readonly CSource Source = CSource.Parse("drivers/x.c", Code);

    private static IEnumerable<string> Names => MutationOperators.Names;

    [Test]
    public void Functions_are_found_and_nothing_else() =>
        Assert.That(Source.Functions.Select(f => f.Name), Is.EqualTo((string[])["first", "second"]));

    [Test]
    public void Comments_macros_and_strings_are_no_code() =>
        Assert.That(Source.Tokens.Where(t => t.Text == "<").Select(t => t.Line), Is.EqualTo((int[])[10, 12]));

    [TestCase("relational", new[] { "< -> <=", "< -> <=" })]
    [TestCase("logical", new[] { "&& -> ||" })]
    [TestCase("arithmetic", new[] { "+ -> -", "++ -> --", "| -> &" })]
    [TestCase("constant", new[] { "0 -> 1", "1 -> 2", "1 -> 0", "0 -> 1" })]
    [TestCase("flag", new[] { "EINVAL -> EIO", "VHOST_ONE -> VHOST_TWO", "VHOST_TWO -> VHOST_ONE" })]
    [TestCase("condition", new[] { "a < t->len && !t->done -> !(a < t->len && !t->done)" })]
    [TestCase("statement", new[] { "t->slot[i] = LIMIT(a); -> ;", "vq_err(t, \"len %d\", a + 3); -> ;", "use(t, a); -> ;" })]
    [TestCase("jump", new[] { "goto err; -> ;" })]
    [TestCase("return", new[] { "-EINVAL -> 0", "VHOST_ONE | VHOST_TWO -> 0" })]
    [TestCase("arguments", new[] { "t, a -> a, t" })]
    [TestCase("index", new[] { "i -> (i) + 1" })]
    public void An_operator_changes_this_and_no_more(string name, string[] expected) =>
        Assert.That(MutationOperators.Apply(name, Source, Source.Functions[0]).Select(m => $"{Code.Substring(m.Offset, m.Length)} -> {m.Replacement}"), Is.EqualTo(expected));

    [TestCaseSource(nameof(Names))]
    public void A_patch_changes_one_place_of_its_function(string name)
    {
        foreach (var mutation in Source.Functions.SelectMany(f => MutationOperators.Apply(name, Source, f)))
        {
            var lines = mutation.ToPatch().Split('\n');
            var changed = Code[..mutation.Offset] + mutation.Replacement + Code[(mutation.Offset + mutation.Length)..];
            var minus = lines.Skip(3).Where(l => l.StartsWith('-')).Select(l => l[1..]).ToList();
            var plus = lines.Skip(3).Where(l => l.StartsWith('+')).Select(l => l[1..]).ToList();
            Assert.That(Code.Replace(string.Join('\n', minus), string.Join('\n', plus)), Is.EqualTo(changed), mutation.Description);
            Assert.That(lines[2], Does.EndWith("@@ " + mutation.Function));
        }
    }

    [Test]
    public void A_draw_repeats_with_its_seed_and_takes_each_operator_in_turn()
    {
        string[] Draw(ulong seed) => [.. MutationSampler.Draw([Source], (_, f) => f == "first", seed).Select(m => m.Name)];
        var again = Draw(1);
        Assert.That(Draw(1), Is.EqualTo(again));
        Assert.That(Enumerable.Range(2, 5).Select(s => string.Join(' ', Draw((ulong)s))), Has.Some.Not.EqualTo(string.Join(' ', Draw(1))));
        Assert.That(Draw(1).Take(3).Select(n => n.Split('-')[0]), Is.EqualTo(MutationOperators.Names.Take(3)));
        Assert.That(Draw(1), Has.None.Contain("second"));
    }

    [Test]
    public void The_projects_own_set_can_be_read_and_is_large_enough()
    {
        var folder = MutantSet.Folder(SourceTree.Find());
        foreach (var device in ModelRegistry.Devices)
        {
            var rules = ModelRegistry.Get(device).Model.Rules.Select(r => r.Id).ToHashSet();
            foreach (var mutant in MutantSet.Read(folder, device).Where(m => m.BrokenRule is not null))
                Assert.That(rules, Does.Contain(mutant.BrokenRule), mutant.Path);
        }
        var vhost = MutantSet.Read(folder, "vhost-net");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vhost.Count(m => !m.IsHarmless), Is.GreaterThanOrEqualTo(60));
            Assert.That(vhost.Count(m => m.Origin == "sampled"), Is.GreaterThan(vhost.Count(m => m is { IsHarmless: false, Origin: "hand" })));
            Assert.That(vhost.Count(m => m.IsHarmless), Is.GreaterThanOrEqualTo(10));
            foreach (var device in ModelRegistry.Usual)
                Assert.That(MutantSet.Read(folder, device).Where(m => !m.IsHarmless && m.Functions.IsEmpty), Is.Empty);
        }
    }

    [Test]
    public void A_patch_that_does_not_say_what_it_is_is_refused()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.patch");
        File.WriteAllText(path, "--- a/x\n+++ b/x\n");
        Assert.That(() => Mutant.Read("vhost-net", path), Throws.TypeOf<FormatException>().With.Message.Contains("Breaks WHAT: how"));
        File.WriteAllText(path, "Breaks f: it\nEquivalent: nobody\n reads it\n\n--- a/x\n");
        Assert.That(Mutant.Read("vhost-net", path).Equivalent, Is.EqualTo("nobody reads it"));
    }
}
