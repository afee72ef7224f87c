using HilTests.Core;
using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Traces recorded from a stock 6.1 kernel: they conform, and hardly any lie told in them goes unnoticed.</summary>
public sealed class RealTraceTests
{
    /// <summary>Lies of one kind about one field that are tried in one trace.</summary>
    private const int EachLabel = 3;

    /// <summary>
    /// Fields that the specification or a declared bound leaves some freedom, and the share of lies that must still be
    /// found out: what was measured, rounded down. Every other field leaves none.
    /// </summary>
    private static readonly Dictionary<string, double> Loose = new()
    {
        // The known bug of kernels before 6.14 is tolerated where buffers are not merged.
        ["num-buffers"] = 0.70,
        // A pass may run at any time: where the device does not ask for kicks 0 and 1 are right for flags, and with EVENT_IDX every index.
        ["rx.flags"] = 0.73,
        ["tx.flags"] = 0.84,
        ["rx.avail-event"] = 0.94,
        ["tx.avail-event"] = 0.96,
        // Signals and complaints are bounded, not counted.
        ["rx.calls"] = 0.97,
        ["tx.calls"] = 0.94,
        ["rx.errs"] = 0.99,
        ["tx.errs"] = 0.95,
        // Nothing to say where no back end was made.
        ["wire"] = 0.98,
    };

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
        var (labels, fields) = (new SortedDictionary<string, Tally>(), new SortedDictionary<string, Tally>());
        var told = Names.ToDictionary(n => n, n => Judge.Decide(Fixed(Load(n)), Model).Remarks.Length);
        foreach (var (lie, name) in Names.SelectMany(n => Sample(TraceCorruption.Of(Load(n)), n).Select(l => (l, n))))
        {
            var judgement = Judge.Decide(Fixed(lie.Trace), Model);
            // A signal too many is told, and is no divergence.
            var found = judgement.Verdict is Verdict.Diverges || judgement.Remarks.Length > told[name];
            labels[lie.Label] = labels.GetValueOrDefault(lie.Label).Plus(found);
            fields[lie.Field] = fields.GetValueOrDefault(lie.Field).Plus(found);
        }
        foreach (var (label, tally) in labels) TestContext.Out.WriteLine($"{tally} {label}");
        var all = new Tally(fields.Values.Sum(t => t.Tried), fields.Values.Sum(t => t.Found));
        TestContext.Out.WriteLine($"{all} in all: {all.Share:P1}");
        using (Assert.EnterMultipleScope())
        {
            foreach (var (field, tally) in fields)
                Assert.That(tally.Share, Is.GreaterThanOrEqualTo(Loose.GetValueOrDefault(field, 1)), $"{field}: {tally} lies found out");
            Assert.That(Loose.Keys, Is.SubsetOf(fields.Keys), "a field that is no longer there");
        }
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

    /// <summary>
    /// The kernel was Debian's 6.1.192, which has fixes that 6.1 had not; the agent of that time did not record it.
    /// </summary>
    private static Trace Fixed(Trace trace) =>
        trace with { Profile = trace.Profile with { Facts = trace.Profile.Facts.SetItem("version", Value.Text("6.1.192")) } };

    private static Trace Load(string name) => TraceText.Parse(File.ReadAllText(Path.Combine(Folder, name + ".trace")));

    /// <summary>How many lies were told, and how many found out.</summary>
    private readonly record struct Tally(int Tried, int Found)
    {
        public double Share => (double)Found / Tried;

        public Tally Plus(bool found) => new(Tried + 1, Found + (found ? 1 : 0));

        public override string ToString() => $"{Found,5} of {Tried,5}";
    }
}
