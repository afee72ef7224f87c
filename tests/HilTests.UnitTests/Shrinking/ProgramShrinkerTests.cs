using System.Collections.Immutable;
using FsCheck.Fluent;
using HilTests.Core;
using HilTests.Core.Devices;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Core.Shrinking;
using HilTests.Models;
using HilTests.UnitTests.Programs;

namespace HilTests.UnitTests.Shrinking;

/// <summary>Shrinking on predicates that are known: what is needed stays, nothing else does, and it ends.</summary>
public sealed class ProgramShrinkerTests
{
    private const int Programs = 60;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Test]
    public async Task Steps_that_are_needed_stay_and_no_other([Values("vhost-net", "f2fs")] string device)
    {
        foreach (var (program, seed) in Generated(device))
        {
            var needed = Enumerable.Range(0, seed.Between(1, 4)).Select(_ => program.Steps[seed.Below(program.Steps.Length)].GetType()).ToHashSet();
            var outcome = await ShrinkAsync(program, p => needed.IsSubsetOf(p.Steps.Select(s => s.GetType())));
            Assert.That(outcome.Ended, Is.True);
            Assert.That(outcome.Program.Steps.Select(s => s.GetType()), Is.EquivalentTo(needed), ProgramText.Print(program));
        }
    }

    [Test]
    public async Task What_is_left_cannot_be_left_out_and_shows_it([Values("vhost-net", "f2fs")] string device)
    {
        foreach (var (program, seed) in Generated(device))
        {
            // Any number of steps of a kind, in an order: not monotonous, as real findings are not.
            var salt = seed.Next();
            bool Shows(Program p) => p.Steps.Length % 3 != 1 && p.Steps.Any(s => Hash(p, s, salt) % 7 == 0) && p.Steps.Count(s => Hash(p, s, salt) % 3 == 0) > 2;
            if (!Shows(program)) continue;
            var outcome = await ShrinkAsync(program, Shows);
            Assert.That(Shows(outcome.Program), Is.True);
            for (var i = 0; i < outcome.Program.Steps.Length && outcome.Program.Steps.Length > 1; i++)
                Assert.That(Shows(outcome.Program with { Steps = outcome.Program.Steps.RemoveAt(i) }), Is.False, $"step {i + 1} is not needed");
        }
    }

    [Test]
    public async Task Each_candidate_is_a_program_that_reads_back_and_is_asked_about_once([Values("vhost-net", "f2fs")] string device)
    {
        foreach (var (program, seed) in Generated(device).Take(20))
        {
            var asked = new HashSet<string>();
            var salt = seed.Next();
            var outcome = await new ProgramShrinker(Long).ShrinkAsync(program, 0, (p, _) =>
            {
                var text = ProgramText.Print(p);
                Assert.That(asked.Add(text), Is.True, "asked twice");
                Assert.That(ProgramText.Parse(text), Is.EqualTo(p));
                return Task.FromResult(Hash(p, p.Steps[^1], salt) % 3 == 0);
            }, CancellationToken.None);
            Assert.That(outcome.Tried, Is.EqualTo(asked.Count));
        }
    }

    [Test]
    public async Task Every_kind_of_step_can_be_made_simpler_to_the_end()
    {
        foreach (var (device, step) in DeviceRegistry.Names.SelectMany(d => DeviceRegistry.Get(d).Steps.SelectMany(s => AnyStep.Of(s.StepType).Sample(3).Select(step => (d, step)))))
        {
            var program = new Program { Name = "one", Device = device, Steps = [step] };
            var outcome = await ShrinkAsync(program, p => p.Steps[0].GetType() == step.GetType());
            Assert.That(outcome.Ended, Is.True);
        }
    }

    [TestCase("set-vring-num ring=1 num=256", "num", 100, "set-vring-num ring=0 num=100")]
    [TestCase("frame at=0x80010 len=1514 seed=7", "len", 257, "frame at=0x80010 len=257 seed=0")]
    [TestCase("set-features mask=0x120008000", "mask", 0x20000000, "set-features mask=0x20000000")]
    public async Task An_argument_becomes_the_lowest_that_does(string line, string argument, long lowest, string expected)
    {
        var program = Parse(line);
        var outcome = await ShrinkAsync(program, p => Number(p, argument) >= lowest && (argument != "mask" || (Number(p, argument) & lowest) != 0));
        Assert.That(ProgramText.PrintStep("vhost-net", outcome.Program.Steps[0]), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_number_that_steps_share_is_made_smaller_in_all_of_them()
    {
        var program = Parse("driver-ring ring=tx num=256 desc=0 avail=0x1000 used=0x2000\nset-vring-num ring=1 num=256");
        var outcome = await ShrinkAsync(program, p => p.Steps is [DriverRing one, SetVringNum other] && one.Num == other.Num && one.Num >= 16);
        Assert.That(outcome.Program.Steps, Is.EqualTo((Step[])[new DriverRing(Ring.Tx, 16, 0, 0x1000, 0x2000), new SetVringNum(0, 16)]));
    }

    [Test]
    public async Task Lists_lose_what_is_not_needed()
    {
        var program = Parse("offer ring=tx heads=[4 5 6 7 8]\nset-mem-table regions=[{guest=0x1000 size=0x1000 at=0} {guest=0x4000 size=0x1000 at=0x1000}]");
        var outcome = await ShrinkAsync(program, p => p.Steps is [Offer offer, SetMemTable { Regions: [.., { Guest: 0x4000 }] }] && offer.Heads.Contains(7) && offer.Heads.Contains(5));
        Assert.That(outcome.Program.Steps, Is.EqualTo((Step[])[new Offer(Ring.Tx, [5, 7]), new SetMemTable([new MemoryRegion(0x4000, 0x1000, 0x1000)])]));
    }

    [Test]
    public async Task What_stands_behind_the_wrong_step_goes_first()
    {
        var (program, _) = Generated("vhost-net").First();
        var first = ImmutableArray<Step>.Empty;
        await new ProgramShrinker(Long).ShrinkAsync(program, 9, (p, _) =>
        {
            if (first.IsEmpty) first = p.Steps;
            return Task.FromResult(false);
        }, CancellationToken.None);
        Assert.That(first, Is.EqualTo(program.Steps[..9]));
    }

    [Test]
    public async Task The_deadline_is_kept_with_the_best_so_far_even_where_an_answer_does_not_come()
    {
        var (program, _) = Generated("vhost-net").First();
        var clock = new HandClock();
        var answers = 0;
        var work = new ProgramShrinker(TimeSpan.FromSeconds(30), clock).ShrinkAsync(program, program.Steps.Length - 1, async (_, token) =>
        {
            if (++answers <= 3) return answers == 1;
            clock.Ring();
            await Task.Delay(Timeout.Infinite, CancellationToken.None).WaitAsync(token);
            return true;
        }, CancellationToken.None);
        var outcome = await work.WaitAsync(TimeSpan.FromSeconds(20));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Ended, Is.False);
            Assert.That(outcome.Program.Steps, Is.EqualTo(program.Steps[..^1]));
            Assert.That(clock.Due, Is.EqualTo(TimeSpan.FromSeconds(30)));
        }
    }

    [Test]
    public void Who_stops_it_is_told_so()
    {
        var (program, _) = Generated("vhost-net").First();
        using var stop = new CancellationTokenSource();
        Assert.That(
            () => new ProgramShrinker(Long).ShrinkAsync(program, 0, (_, _) => { stop.Cancel(); return Task.FromResult(true); }, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static async Task<ShrinkOutcome> ShrinkAsync(Program program, Func<Program, bool> shows)
    {
        var outcome = await new ProgramShrinker(Long).ShrinkAsync(program, 0, (p, _) => Task.FromResult(shows(p)), CancellationToken.None);
        Assert.That(outcome.Program.Equals(program) || shows(outcome.Program), Is.True, "the outcome shows it");
        Assert.That(outcome.Program.Steps, Has.Length.LessThanOrEqualTo(program.Steps.Length));
        return outcome;
    }

    private static IEnumerable<(Program Program, Seed Seed)> Generated(string device) =>
        Enumerable.Range(0, device == "f2fs" ? Programs / 3 : Programs).Select(i => (ModelRegistry.Get(device).Generate(new Seed(11).Fork((ulong)i), i), new Seed((ulong)i)));

    private static ulong Hash(Program program, Step step, ulong salt) =>
        ContentDigest.Of(System.Text.Encoding.UTF8.GetBytes(ProgramText.PrintStep(program.Device, step))) ^ salt;

    private static Program Parse(string steps) => ProgramText.Parse($"hil-program 1\nname p\ndevice vhost-net\n{steps}\n");

    private static long Number(Program program, string argument) => program.Steps switch
    {
        [SetVringNum step] when argument == "num" => step.Num,
        [WriteFrame step] when argument == "len" => step.Length,
        [SetFeatures step] when argument == "mask" => (long)step.Features,
        _ => -1,
    };

    /// <summary>A clock whose one timer goes off when the test says so.</summary>
    private sealed class HandClock : TimeProvider
    {
        private Action? _ring;

        public TimeSpan Due { get; private set; }

        public void Ring() => _ring?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            _ring = () => callback(state);
            return base.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
