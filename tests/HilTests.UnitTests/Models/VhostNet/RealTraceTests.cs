using HilTests.Core;
using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Traces recorded from a stock 6.1 kernel: they conform, and hardly any lie told in them goes unnoticed.</summary>
public sealed class RealTraceTests
{
    /// <summary>Lies of one kind about one field that are tried in one trace.</summary>
    private const int EachLabel = 3;

    private static readonly VhostNetModel Model = new();

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.trace").Select(Path.GetFileNameWithoutExtension).Order()!;

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Models", "VhostNet", "Traces");

    [TestCaseSource(nameof(Names))]
    public void It_conforms(string name)
    {
        var judgement = Judge.Decide(Load(name), Model);
        Assert.That(judgement.Verdict, Is.TypeOf<Verdict.Conforms>(), judgement.Verdict.ToString());
    }

    [TestCaseSource(nameof(Names))]
    public void Its_text_reads_back_and_names_no_file_of_a_machine(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name + ".trace"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TraceText.Print(Load(name)), Is.EqualTo(text));
            Assert.That(text, Does.Not.Contain("/"));
        }
    }

    [Test]
    public void Lies_about_judged_fields_are_found_out()
    {
        var counts = new SortedDictionary<string, (int Tried, int Killed)>();
        foreach (var lie in Names.SelectMany(n => Sample(TraceCorruption.Of(Load(n)), n)))
        {
            var killed = Judge.Decide(lie.Trace, Model).Verdict is Verdict.Diverges;
            var (tried, before) = counts.GetValueOrDefault(lie.Label);
            counts[lie.Label] = (tried + 1, before + (killed ? 1 : 0));
        }
        foreach (var (label, (tried, killed)) in counts) TestContext.Out.WriteLine($"{killed,5} of {tried,5}  {label}");
        var (all, found) = (counts.Values.Sum(c => c.Tried), counts.Values.Sum(c => c.Killed));
        TestContext.Out.WriteLine($"{found} of {all} lies found out ({100.0 * found / all:F1}%)");
        Assert.That(found, Is.GreaterThan(0));
    }

    /// <summary>A few lies of each label, spread over the trace.</summary>
    private static IEnumerable<TraceCorruption> Sample(IEnumerable<TraceCorruption> lies, string name)
    {
        var seed = new Seed(ContentDigest.Of(System.Text.Encoding.UTF8.GetBytes(name)));
        foreach (var group in lies.GroupBy(l => l.Label))
        {
            var all = group.ToList();
            for (var i = 0; i < EachLabel && all.Count > 0; i++)
            {
                var at = seed.Below(all.Count);
                yield return all[at];
                all.RemoveAt(at);
            }
        }
    }

    private static Trace Load(string name) => TraceText.Parse(File.ReadAllText(Path.Combine(Folder, name + ".trace")));
}
