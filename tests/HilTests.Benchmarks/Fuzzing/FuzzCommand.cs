using System.Diagnostics;
using System.Globalization;
using HilTests.Fuzzing;

namespace HilTests.Benchmarks.Fuzzing;

/// <summary>
/// Feeds everything that reads what a guest sends with mutated messages:
/// <c>fuzz [--messages N] [--seed N] [--target NAME] [--start N] [--input BASE64]</c>.
/// </summary>
internal static class FuzzCommand
{
    private const int MostFailures = 20;

    public static int Run(string[] arguments)
    {
        if (Options.Read(arguments) is not { } options) return 2;
        return options.Input is { } input ? FeedOne(options.Targets[0].Target, input) : FeedAll(options);
    }

    private static int FeedOne(FuzzTarget target, byte[] input)
    {
        var start = Stopwatch.GetTimestamp();
        target.Feed(input);
        Console.WriteLine($"{target.Name}: {input.Length} bytes read or refused in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
        return 0;
    }

    private static int FeedAll(Options options)
    {
        var failures = 0;
        var run = new FuzzRun(options.Seed)
        {
            OnFailure = failure =>
            {
                if (++failures <= MostFailures) Tell(options.Seed, failure);
            },
        };
        Console.WriteLine($"seed {options.Seed}");
        Console.WriteLine($"{"target",-10} {"messages",10} {"a second",10} {"slowest",12} {"most bytes",12}  their numbers");
        long fed = 0;
        foreach (var (target, count) in options.Targets)
        {
            var report = run.Run(target, options.Start, count);
            fed += report.Messages;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Target,-10} {report.Messages,10} {report.Messages / report.Time.TotalSeconds,10:0} {report.Slowest.Time.TotalMilliseconds,9:0.0} ms {report.Largest.Bytes,12}  {report.Slowest.Number} {report.Largest.Number}"));
        }
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"{fed} messages, {failures} failures, peak memory {process.PeakWorkingSet64 >> 20} MiB");
        return failures == 0 ? 0 : 1;
    }

    private static void Tell(ulong seed, FuzzFailure failure)
    {
        Console.WriteLine($"FAILED {failure.Target}, message {failure.Number} of seed {seed}: {failure.Error}");
        Console.WriteLine($"  again: dotnet run -c Release --project tests/HilTests.Benchmarks -- fuzz --target {failure.Target} --seed {seed} --start {failure.Number} --messages 1");
        Console.WriteLine($"  or:    dotnet run -c Release --project tests/HilTests.Benchmarks -- fuzz --target {failure.Target} --input {Convert.ToBase64String(failure.Message)}");
    }

    private sealed record Options(ulong Seed, long Start, byte[]? Input, IReadOnlyList<(FuzzTarget Target, long Count)> Targets)
    {
        public static Options? Read(string[] arguments)
        {
            long messages = 200_000;
            var options = new Options(1, 0, null, []);
            FuzzTarget? target = null;
            for (var i = 0; i + 1 < arguments.Length; i += 2)
            {
                var value = arguments[i + 1];
                switch (arguments[i])
                {
                    case "--messages" when long.TryParse(value, out messages): break;
                    case "--seed" when ulong.TryParse(value, out var seed): options = options with { Seed = seed }; break;
                    case "--start" when long.TryParse(value, out var start): options = options with { Start = start }; break;
                    case "--target" when FuzzTargets.All.FirstOrDefault(t => t.Name == value) is { } named: target = named; break;
                    case "--input": options = options with { Input = Convert.FromBase64String(value) }; break;
                    default: return Refuse($"{arguments[i]} {value}");
                }
            }
            if (arguments.Length % 2 != 0) return Refuse(arguments[^1]);
            if (options.Input is not null && target is null) return Refuse("--input needs --target");
            return options with { Targets = target is null ? [.. FuzzTargets.Shares(messages)] : [(target, messages)] };
        }

        private static Options? Refuse(string what)
        {
            Console.Error.WriteLine($"cannot take '{what}'; usage: fuzz [--messages N] [--seed N] [--start N] [--target {string.Join('|', FuzzTargets.All.Select(t => t.Name))}] [--input BASE64]");
            return null;
        }
    }
}
