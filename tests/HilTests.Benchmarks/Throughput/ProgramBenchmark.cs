using System.Diagnostics;
using HilTests.Core.Programs;
using HilTests.Lab.Machines;

namespace HilTests.Benchmarks.Throughput;

/// <summary>Short vhost-net programs a second in one VM, judged as they come; and the judge alone.</summary>
internal static class ProgramBenchmark
{
    private const int Programs = 300;
    private const int Rounds = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments is [var given] ? int.Parse(given) : Rounds;
        var texts = Enumerable.Repeat(ShortProgram.Text, Programs).ToList();
        await using var machine = await QemuMachine.BootAsync(new MachineOptions { Progress = Console.Error.WriteLine }, CancellationToken.None);
        var rates = new List<double>();
        var traces = new List<string>();
        for (var round = 0; round <= rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            traces.Clear();
            await foreach (var reply in machine.RunManyAsync(texts, CancellationToken.None))
            {
                ShortProgram.Judge(reply.TraceText);
                traces.Add(reply.TraceText);
            }
            // The first round warms both sides up.
            if (round > 0) rates.Add(Programs / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        var steps = ProgramText.Parse(texts[0]).Steps.Length;
        Console.WriteLine($"short vhost-net programs of {steps} steps, run and judged ({machine.Facts.Accelerator}): median {rates.Median():0} a second, {rates.Min():0} to {rates.Max():0} in {rates.Count} rounds");
        Console.WriteLine($"parse and judge alone: {JudgeAlone(traces, rounds):0} steps a second (median of {rounds})");
        return 0;
    }

    private static double JudgeAlone(List<string> traces, int rounds)
    {
        var rates = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            var steps = 0;
            foreach (var text in traces) steps += ShortProgram.Judge(text).Entries.Length;
            if (round > 0) rates.Add(steps / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return rates.Median();
    }
}
