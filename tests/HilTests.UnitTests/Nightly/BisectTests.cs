using HilTests.Cli;
using HilTests.Cli.Commands;
using HilTests.Cli.Nightly;
using HilTests.Core.Programs;
using HilTests.Lab.Machines;
using HilTests.Nightly.Bisecting;

namespace HilTests.UnitTests.Nightly;

/// <summary>The first bad version is found, whichever it is, whatever cannot be told.</summary>
public sealed class BisectTests
{
    [Test]
    public void The_first_bad_one_is_found_in_as_many_steps_as_halving_takes([Values(2, 3, 7, 64, 100)] int count)
    {
        for (var firstBad = 1; firstBad < count; firstBad++)
        {
            var bisection = new VersionBisection(count);
            var steps = 0;
            while (bisection.Next() is { } next)
            {
                bisection.Answer(next, next >= firstBad ? BisectAnswer.Bad : BisectAnswer.Good);
                steps++;
            }
            Assert.That((bisection.LastGood, bisection.FirstBad, bisection.Untold.Count), Is.EqualTo((firstBad - 1, firstBad, 0)));
            Assert.That(steps, Is.LessThanOrEqualTo((int)Math.Ceiling(Math.Log2(count)) + 1));
        }
    }

    [Test]
    public void What_cannot_be_told_is_gone_around_and_named_at_the_end()
    {
        var bisection = new VersionBisection(10);
        while (bisection.Next() is { } next) bisection.Answer(next, next is 4 or 5 ? BisectAnswer.Skip : next >= 6 ? BisectAnswer.Bad : BisectAnswer.Good);
        Assert.That((bisection.LastGood, bisection.FirstBad), Is.EqualTo((3, 6)));
        Assert.That(bisection.Untold, Is.EqualTo((int[])[4, 5]));
    }

    [Test]
    public void All_between_may_be_skipped()
    {
        var bisection = new VersionBisection(5);
        while (bisection.Next() is { } next) bisection.Answer(next, BisectAnswer.Skip);
        Assert.That(bisection.Untold, Is.EqualTo((int[])[1, 2, 3]));
    }

    [Test]
    public void An_answer_about_something_else_is_refused() =>
        Assert.That(() => new VersionBisection(5).Answer(4, BisectAnswer.Good), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void The_row_goes_from_good_to_bad_in_either_direction()
    {
        string[] versions = ["1", "2", "3", "4"];
        Assert.That(BisectCommand.Between("bookworm", versions, "2", "4"), Is.EqualTo((string[])["bookworm/2", "bookworm/3", "bookworm/4"]));
        Assert.That(BisectCommand.Between("bookworm", versions, "4", "3"), Is.EqualTo((string[])["bookworm/4", "bookworm/3"]));
        Assert.That(() => BisectCommand.Between("bookworm", versions, "9", "3"), Throws.TypeOf<UsageException>().With.Message.Contains("it has 1, 2, 3, 4"));
        Assert.That(() => BisectCommand.Between("bookworm", versions, "3", "3"), Throws.TypeOf<UsageException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task Interrupted_it_writes_what_it_knows(CancellationToken cancellation)
    {
        string[] kernels = [.. Enumerable.Range(0, 9).Select(v => $"bookworm/{v}")];
        var folder = Directory.CreateTempSubdirectory("hil-bisect-").FullName;
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var asked = 0;
        var bisect = new KernelBisect(new BisectSettings("hil bisect", AcceleratorChoice.Auto, 1), Program, kernels, folder, static _ => { })
        {
            Ask = async (kernel, _, token) =>
            {
                if (++asked == 4) await interrupted.CancelAsync();
                token.ThrowIfCancellationRequested();
                return new BisectStep(kernel, int.Parse(kernel.Split('/')[1]) >= 6 ? BisectAnswer.Bad : BisectAnswer.Good, "as it is");
            },
        };
        try
        {
            var code = await BisectCommand.RunAsync(bisect, kernels, folder, interrupted.Token);
            var told = File.ReadAllText(Path.Combine(folder, "bisect.txt"));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(code, Is.EqualTo(ExitCode.Interrupted));
                Assert.That(told, Does.Match(@"(?s)bad +bookworm/8 .*good +bookworm/0 .*good +bookworm/4 "));
                Assert.That(told, Does.Contain("first bad is one of bookworm/5, bookworm/6, bookworm/7, bookworm/8; last good: bookworm/4"));
                Assert.That(told, Does.Contain("not tried yet: bookworm/5, bookworm/6, bookworm/7").And.Contain("--good bookworm/4 --bad bookworm/8"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Killed_it_leaves_what_it_knew_and_at_its_end_it_names_the_version(CancellationToken cancellation)
    {
        string[] kernels = [.. Enumerable.Range(0, 5).Select(v => $"bookworm/{v}")];
        var folder = Directory.CreateTempSubdirectory("hil-bisect-").FullName;
        var seen = new List<int>();
        var bisect = new KernelBisect(new BisectSettings("hil bisect", AcceleratorChoice.Auto, 1), Program, kernels, folder, static _ => { })
        {
            Ask = static (kernel, _, _) => Task.FromResult(new BisectStep(kernel, int.Parse(kernel.Split('/')[1]) >= 2 ? BisectAnswer.Bad : BisectAnswer.Good, "as it is")),
            Stepped = soFar => seen.Add(soFar.Steps.Count),
        };
        try
        {
            Assert.That(await BisectCommand.RunAsync(bisect, kernels, folder, cancellation), Is.EqualTo(ExitCode.Conforms));
            Assert.That(seen.Distinct(), Is.EqualTo((int[])[1, 2, 3, 4]), "after each version there is a report");
            Assert.That(File.ReadAllText(Path.Combine(folder, "bisect.txt")), Does.Contain("first bad: bookworm/2; last good: bookworm/1"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Program Program => ProgramText.Parse("hil-program 1\nname nothing\ndevice vhost-net\nopen\n");
}
