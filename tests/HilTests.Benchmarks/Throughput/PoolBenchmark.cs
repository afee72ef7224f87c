using System.Diagnostics;
using System.Globalization;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.Benchmarks.Throughput;

/// <summary>
/// What a pool is good for: programs a second with one VM and with two, in turns (goal: 1.8 times), and the time from
/// asking for a fresh machine to its first program's verdict (goal: 250 ms).
/// </summary>
internal static class PoolBenchmark
{
    private const int Programs = 200;
    private const int Rounds = 7;
    private const double RatioGoal = 1.8;
    private const double VerdictGoal = 250;

    private static readonly MachineOptions Options = new() { Progress = Console.Error.WriteLine };

    public static async Task<int> RunAsync(string[] arguments)
    {
        int rounds = arguments is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : Rounds;
        Console.Error.WriteLine($"this host: {MachineCapacity.OfThisHost(Options).Why}");
        await using var pool = new MachinePool(PoolOptions.ForThisHost(Options, jobs: 2) with { Slots = null });
        double ratio = await CompareAsync(pool, rounds);
        double verdict = await FirstVerdictAsync(pool, rounds);
        return ratio >= RatioGoal && verdict <= VerdictGoal ? 0 : 1;
    }

    private static async Task<double> CompareAsync(MachinePool pool, int rounds)
    {
        var one = new List<double>();
        var two = new List<double>();
        for (int round = 0; round <= rounds; round++)
        {
            double alone = await RateAsync(pool, 1);
            double both = await RateAsync(pool, 2);
            // The first round warms both sides up.
            if (round == 0)
                continue;
            one.Add(alone);
            two.Add(both);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {round}: one VM {alone:0} a second, two VMs {both:0}"));
        }
        double ratio = two.Median() / one.Median();
        Console.WriteLine($"short vhost-net programs, run and judged: one VM {Spread(one, "a second")}; two VMs {Spread(two, "a second")}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"two VMs give {ratio:0.00} times the programs of one, goal at least {RatioGoal:0.0}: {(ratio >= RatioGoal ? "reached" : "missed")}"));
        return ratio;
    }

    /// <summary>All machines work through the same number of programs; the time is that of the slowest.</summary>
    private static async Task<double> RateAsync(MachinePool pool, int machines)
    {
        var leases = new List<Lease>();
        for (int i = 0; i < machines; i++)
            leases.Add(await pool.RentAsync(Options, LeaseKind.Shared, CancellationToken.None));
        long begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(leases.Select(l => Task.Run(() => RunAsync(l, Programs / machines))));
        double rate = Programs / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        foreach (var lease in leases)
            await lease.DisposeAsync();
        return rate;
    }

    private static async Task RunAsync(Lease lease, int programs)
    {
        await foreach (var reply in lease.RunManyAsync(Enumerable.Repeat(ShortProgram.Text, programs), CancellationToken.None))
            ShortProgram.Judge(reply.TraceText);
    }

    private static async Task<double> FirstVerdictAsync(MachinePool pool, int rounds)
    {
        var times = new List<double>();
        var starts = new HashSet<MachineStart>();
        for (int round = 0; round <= rounds; round++)
        {
            long begin = Stopwatch.GetTimestamp();
            await using var lease = await pool.RentAsync(Options, LeaseKind.Fresh, CancellationToken.None);
            ShortProgram.Judge((await lease.RunAsync(ShortProgram.Text, CancellationToken.None)).TraceText);
            if (round > 0)
                times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            starts.Add(lease.Machine.Facts.Start);
        }
        double median = times.Median();
        Console.WriteLine($"from asking for a fresh machine ({string.Join(" and ", starts)}) to the first program's verdict: {Spread(times, "ms")}, " +
            string.Create(CultureInfo.InvariantCulture, $"goal at most {VerdictGoal:0} ms: {(median <= VerdictGoal ? "reached" : "missed")}"));
        return median;
    }

    private static string Spread(List<double> values, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"median {values.Median():0} {unit} ({values.Min():0} to {values.Max():0}, {values.Count} rounds)");
}
