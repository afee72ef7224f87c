namespace HilTests.Agent.Execution;

/// <summary>Where threads are in the kernel, from /proc/self/task/TID/{wchan,stack}.</summary>
internal static class KernelStacks
{
    /// <summary>One line a thread that waits in the kernel, innermost function first.</summary>
    public static IEnumerable<string> OfOtherThreads()
    {
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var name = ReadOrEmpty(Path.Combine(task, "comm")).Trim();
            var stack = ReadOrEmpty(Path.Combine(task, "stack"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(frame => frame[(frame.IndexOf(' ') + 1)..]);
            yield return $"{name}: {string.Join(" < ", stack)}";
        }
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
