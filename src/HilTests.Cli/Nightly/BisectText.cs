using HilTests.Reporting;

namespace HilTests.Cli.Nightly;

/// <summary>A bisection in a few lines: the versions that were tried, and what is known of the first bad one.</summary>
internal static class BisectText
{
    /// <summary>Writes it, at its end or however far it came.</summary>
    /// <param name="bisect">The bisection.</param>
    /// <param name="kernels">Its versions, from the good one to the bad one.</param>
    /// <param name="isOver">Whether it came to its end.</param>
    /// <param name="folder">Where its results are.</param>
    /// <param name="writer">Gets the lines.</param>
    public static void Write(KernelBisect bisect, IReadOnlyList<string> kernels, bool isOver, string folder, TextWriter writer)
    {
        foreach (var step in bisect.Steps) writer.WriteLine($"{step.Answer.ToString().ToLowerInvariant(),-6}{step.Kernel,-32}{PrintableText.OneLine(step.Words)}");
        foreach (var line in isOver ? Ended(bisect, kernels) : SoFar(bisect, kernels)) writer.WriteLine(line);
        writer.WriteLine($"results    {folder}");
    }

    private static IEnumerable<string> Ended(KernelBisect bisect, IReadOnlyList<string> kernels)
    {
        if (bisect.Bisection is not { } found)
        {
            var last = bisect.Steps[^1];
            yield return $"nothing to bisect: {last.Kernel} is {last.Answer.ToString().ToLowerInvariant()}, and it should be {(bisect.Steps.Count == 1 ? "bad" : "good")}";
        }
        else if (found.Untold.Count == 0)
        {
            yield return $"first bad: {kernels[found.FirstBad]}; last good: {kernels[found.LastGood]}";
        }
        else
        {
            yield return $"first bad: one of {Names(found.Untold.Append(found.FirstBad), kernels)}; of those but the last nothing can be told; last good: {kernels[found.LastGood]}";
        }
    }

    private static IEnumerable<string> SoFar(KernelBisect bisect, IReadOnlyList<string> kernels)
    {
        if (bisect.Bisection is not { } found)
        {
            yield return "not finished: the two ends were not both tried";
            yield break;
        }
        var tried = bisect.Steps.Select(s => s.Kernel).ToHashSet();
        yield return $"not finished: the first bad is one of {Names(found.Untold.Append(found.FirstBad), kernels)}; last good: {kernels[found.LastGood]}";
        if (found.Untold.Where(v => !tried.Contains(kernels[v])).ToList() is { Count: > 0 } left) yield return $"not tried yet: {Names(left, kernels)}";
        yield return $"go on with --good {kernels[found.LastGood]} --bad {kernels[found.FirstBad]}";
    }

    private static string Names(IEnumerable<int> versions, IReadOnlyList<string> kernels) => string.Join(", ", versions.Select(v => kernels[v]));
}
