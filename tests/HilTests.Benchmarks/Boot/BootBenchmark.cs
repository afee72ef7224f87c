namespace HilTests.Benchmarks.Boot;

internal static class BootBenchmark
{
    public static Task<int> RunAsync(string[] arguments) => Task.FromResult(arguments.Length);
}
