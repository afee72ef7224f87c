using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models;

namespace HilTests.Benchmarks.Throughput;

/// <summary>The program that benchmarks repeat: the first example of the tests, one frame through a tap.</summary>
internal static class ShortProgram
{
    public static string Text { get; } = Read();

    /// <summary>Judges what came back for it.</summary>
    /// <returns>its trace</returns>
    /// <exception cref="InvalidOperationException">it does not conform: nothing is measured then</exception>
    public static Trace Judge(string traceText)
    {
        var trace = TraceText.Parse(traceText);
        var verdict = Core.Judging.Judge.Decide(trace, ModelRegistry.Get("vhost-net").Model).Verdict;
        return verdict is Verdict.Conforms ? trace : throw new InvalidOperationException($"the benchmark's program does not conform: {verdict}");
    }

    private static string Read()
    {
        using var reader = new StreamReader(typeof(ShortProgram).Assembly.GetManifestResourceStream("first-frame.hil")!);
        return reader.ReadToEnd();
    }
}
