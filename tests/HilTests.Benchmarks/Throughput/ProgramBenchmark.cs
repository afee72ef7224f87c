using System.Diagnostics;
using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.Benchmarks.Throughput;

/// <summary>Short vhost-net programs a second in one VM, judged as they come; and the judge alone.</summary>
internal static class ProgramBenchmark
{
    private const int Programs = 300;
    private const int Rounds = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments is [var given] ? int.Parse(given) : Rounds;
        var suite = ModelRegistry.Get("vhost-net");
        var texts = Enumerable.Repeat(ShortProgram(), Programs).ToList();
        await using var machine = await QemuMachine.BootAsync(new MachineOptions { Progress = Console.Error.WriteLine }, CancellationToken.None);
        var rates = new List<double>();
        var traces = new List<string>();
        for (var round = 0; round <= rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            traces.Clear();
            await foreach (var reply in machine.RunManyAsync(texts, CancellationToken.None))
            {
                Check(Judge.Decide(TraceText.Parse(reply.TraceText), suite.Model));
                traces.Add(reply.TraceText);
            }
            // The first round warms both sides up.
            if (round > 0) rates.Add(Programs / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        var steps = ProgramText.Parse(texts[0]).Steps.Length;
        Console.WriteLine($"short vhost-net programs of {steps} steps, run and judged ({machine.Facts.Accelerator}): median {Median(rates):0} a second, {rates.Min():0} to {rates.Max():0} in {rates.Count} rounds");
        Console.WriteLine($"parse and judge alone: {JudgeAlone(traces, suite, rounds):0} steps a second (median of {rounds})");
        return 0;
    }

    private static double JudgeAlone(List<string> traces, DeviceSuite suite, int rounds)
    {
        var rates = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            var steps = 0;
            foreach (var text in traces)
            {
                var trace = TraceText.Parse(text);
                Check(Judge.Decide(trace, suite.Model));
                steps += trace.Entries.Length;
            }
            if (round > 0) rates.Add(steps / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return Median(rates);
    }

    private static void Check(Judgement judgement)
    {
        if (judgement.Verdict is not Verdict.Conforms) throw new InvalidOperationException($"the benchmark's program does not conform: {judgement.Verdict}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    internal static string ShortProgram() => """
        hil-program 1
        name short
        device vhost-net
        open
        set-owner
        set-features mask=0x100000000
        set-mem-table regions=[{guest=0x40000000 size=0x100000 at=0x0}]
        driver-ring ring=tx num=16 desc=0x1000 avail=0x2000 used=0x3000
        set-vring-num ring=1 num=16
        set-vring-addr ring=1 desc=0x1000 avail=0x2000 used=0x3000
        set-vring-kick ring=1 fd=event
        set-vring-call ring=1 fd=event
        set-vring-err ring=1 fd=event
        make-backend name=tap0 kind=tap header=12
        set-backend ring=1 backend=tap0
        frame at=0x1000c len=60 seed=1
        desc table=0x1000 index=0 addr=0x40010000 len=72
        offer ring=tx heads=[0]
        kick ring=tx
        settle
        get-vring-base ring=1
        close
        """;
}
