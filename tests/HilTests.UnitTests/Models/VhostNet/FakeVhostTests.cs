using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>An honest device, written apart from the model, conforms; the generator makes programs the model can judge.</summary>
public sealed class FakeVhostTests
{
    private const int Generated = 500;
    private const int Schedules = 3;

    private static readonly VhostNetModel Model = new();

    public static IEnumerable<Program> HandWritten => VhostNetSuite.Instance.HandWritten;

    [TestCaseSource(nameof(HandWritten))]
    public void Hand_written_programs_conform_whenever_the_worker_runs(Program program)
    {
        for (ulong seed = 0; seed < Schedules; seed++) Conforms(FakeVhost.Run(program, seed), seed);
    }

    [Test]
    public void Generated_programs_conform_and_none_is_inconclusive()
    {
        foreach (var (program, i) in Programs()) Conforms(FakeVhost.Run(program, (ulong)i), (ulong)i);
    }

    [Test]
    public void Generated_programs_are_short_and_mostly_wrap()
    {
        var programs = Programs().Select(p => p.Program).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(programs.Select(p => p.Steps.Length), Has.All.InRange(20, 62));
            Assert.That(programs.Count(p => p.Steps.OfType<DriverRing>().Any(r => r.Num <= 16)), Is.GreaterThan(programs.Count / 2), "small rings");
            Assert.That(programs.Count(p => p.Steps.OfType<SetVringBase>().Any(b => b.Base > 65520)), Is.GreaterThan(programs.Count / 3), "indices close to their wrap");
        }
    }

    [Test]
    public void Generated_programs_read_back_equal()
    {
        foreach (var (program, _) in Programs()) Assert.That(ProgramText.Parse(ProgramText.Print(program)), Is.EqualTo(program));
    }

    [Test]
    public void The_same_seed_makes_the_same_program_and_another_another()
    {
        var (one, same, other) = (Text(7), Text(7), Text(8));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(same, Is.EqualTo(one));
            Assert.That(other.Zip(one).Count(p => p.First == p.Second), Is.Zero);
            Assert.That(one.Distinct().Count(), Is.EqualTo(one.Count), "no program comes twice");
        }
    }

    [Test]
    public void A_generated_program_comes_again_from_the_seed_it_names()
    {
        var one = VhostNetSuite.Instance.Generate(new Seed(3), 0);
        Assert.That(one.Seed, Is.EqualTo(new Seed(3).Next()));
    }

    [Test]
    public void Hand_written_programs_have_names_of_their_own() => Assert.That(HandWritten.Select(p => p.Name), Is.Unique);

    private static List<string> Text(ulong seed) => [.. VhostNetSuite.Instance.Programs(seed, 50).Skip(VhostNetSuite.Instance.HandWritten.Count).Select(ProgramText.Print)];

    private static IEnumerable<(Program Program, int Index)> Programs() =>
        Enumerable.Range(0, Generated).Select(i => (VhostNetSuite.Instance.Generate(new Seed(2026).Fork((ulong)i), i), i));

    private static void Conforms(Trace trace, ulong seed)
    {
        var judgement = Judge.Decide(trace, Model);
        Assert.That(judgement.Verdict, Is.TypeOf<Verdict.Conforms>(), $"{trace.Program.Name}, schedule {seed}: {judgement.Verdict}\n{TraceText.Print(trace)}");
    }
}
