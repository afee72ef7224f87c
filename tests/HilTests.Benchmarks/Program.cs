using HilTests.Benchmarks.AsyncLink;
using HilTests.Benchmarks.Boot;
using HilTests.Benchmarks.Clones;
using HilTests.Benchmarks.Fuzzing;
using HilTests.Benchmarks.Nightly;
using HilTests.Benchmarks.Throughput;
using HilTests.Benchmarks.Traffic;

// One word chooses the benchmark; the rest are its arguments. A new benchmark is one line here.
return args switch
{
    ["boot", .. var rest] => await BootBenchmark.RunAsync(rest),
    ["clone", .. var rest] => await CloneBenchmark.RunAsync(rest),
    ["clones", .. var rest] => await CloneSeries.RunAsync(rest),
    ["programs", .. var rest] => await ProgramBenchmark.RunAsync(rest),
    ["fuzz", .. var rest] => FuzzCommand.Run(rest),
    ["traffic", .. var rest] => await TrafficBenchmark.RunAsync(rest),
    ["pool", .. var rest] => await PoolBenchmark.RunAsync(rest),
    ["async", .. var rest] => await AsyncLinkBenchmark.RunAsync(rest),
    ["hold-machine", .. var rest] => await HeldMachine.RunAsync(rest),
    ["history", .. var rest] => HistoryBenchmark.Run(rest),
    ["engine", .. var rest] => await EngineBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/HilTests.Benchmarks -- BENCHMARK");
    Console.Error.WriteLine("  boot [REPETITIONS] | clone [REPETITIONS] | clones [--count N] | programs [ROUNDS] | pool [ROUNDS] | traffic [ROUNDS [FRAMES]] | async [ROUNDS [FRAMES]] | fuzz [--messages N] [--seed N] | history [NIGHTS] | engine [SHARDS]");
    return 2;
}
