using HilTests.Fuzzing;

namespace HilTests.UnitTests.Fuzzing;

/// <summary>A small run of what <c>HilTests.Benchmarks fuzz</c> does at length.</summary>
public sealed class SmallFuzzTests
{
    private const long Messages = 200_000;

    public static IEnumerable<string> Names => FuzzTargets.All.Select(t => t.Name);

    [TestCaseSource(nameof(Names))]
    public void Whatever_a_guest_sends_is_read_or_refused(string name)
    {
        var (target, count) = FuzzTargets.Shares(Messages).Single(s => s.Target.Name == name);
        var failures = new List<FuzzFailure>();
        var report = new FuzzRun(20261122) { OnFailure = failures.Add }.Run(target, 0, count);
        TestContext.Out.WriteLine(report);
        Assert.That(
            failures.Take(3).Select(f => $"message {f.Number}: {f.Error}\nbase64 {Convert.ToBase64String(f.Message)}"),
            Is.Empty,
            $"to repeat: HilTests.Benchmarks fuzz --target {name} --input BASE64");
    }

    [TestCaseSource(nameof(Names))]
    public void The_messages_of_the_corpus_are_not_refused_by_their_target(string name)
    {
        var target = FuzzTargets.All.Single(t => t.Name == name);
        Assert.That(target.Corpus, Is.Not.Empty);
        foreach (var message in target.Corpus) Assert.That(() => target.Feed(message), Throws.Nothing);
    }

    [Test]
    public void A_seed_gives_the_same_messages_again_and_another_seed_others()
    {
        var mutation = new Mutation(FuzzTargets.All[4]);
        var messages = Enumerable.Range(0, 200).Select(i => Convert.ToHexString(mutation.Make(7, i))).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Enumerable.Range(0, 200).Select(i => Convert.ToHexString(mutation.Make(7, i))), Is.EqualTo(messages));
            Assert.That(Enumerable.Range(0, 200).Select(i => Convert.ToHexString(mutation.Make(8, i))), Is.Not.EqualTo(messages));
            Assert.That(messages.Distinct().Count(), Is.GreaterThan(150));
        }
    }

    [Test]
    public void A_target_that_fails_is_told_of_with_the_message()
    {
        var failures = new List<FuzzFailure>();
        new FuzzRun(1) { OnFailure = failures.Add }.Run(new FailingTarget(), 10, 5);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(failures.Select(f => f.Number), Is.EqualTo(new long[] { 10, 11, 12, 13, 14 }));
            Assert.That(failures[0].Message, Is.EqualTo(new Mutation(new FailingTarget()).Make(1, 10)));
        }
    }

    private sealed class FailingTarget : FuzzTarget
    {
        public override string Name => "failing";

        public override int Share => 1;

        public override IReadOnlyList<byte[]> Corpus { get; } = ["one two\nthree"u8.ToArray()];

        public override void Feed(byte[] message) => throw new FuzzException("always");
    }
}
