namespace HilTests.Lab.Machines;

/// <summary>Reads the agent's first frame: <c>hil-agent protocol=1 build=HASH pid=N</c>, then a line for each module that failed.</summary>
internal static class AgentHello
{
    /// <summary>Characters of a word of the hello that are kept: a hash is shorter.</summary>
    private const int LongestWord = 200;

    /// <summary>Modules whose failure is told of.</summary>
    private const int MostModules = 100;

    /// <exception cref="InfrastructureException">Somebody else answered.</exception>
    public static string Build(string hello)
    {
        string[] words = [.. hello.Split('\n')[0].Split(' ').Select(Shortened)];
        if (words[0] != "hil-agent")
            throw new InfrastructureException($"what answered is not the agent; it said '{words[0]}'");
        return words.FirstOrDefault(w => w.StartsWith("build=", StringComparison.Ordinal))?["build=".Length..] ?? "unknown";
    }

    public static IEnumerable<string> FailedModules(string hello) =>
        hello.Split('\n').Skip(1).Where(l => l.StartsWith("module-failed ", StringComparison.Ordinal))
            .Take(MostModules).Select(l => $"{Shortened(l["module-failed ".Length..])}: the kernel refused it");

    /// <summary>The text of a reply that must be complete.</summary>
    /// <exception cref="MachineLostException">The machine was lost.</exception>
    /// <exception cref="InfrastructureException">The agent said no.</exception>
    public static string MustComplete(this AgentReply reply, string purpose) => reply.Outcome switch
    {
        AgentOutcome.MachineLost lost => throw new MachineLostException(lost.Cause),
        AgentOutcome.AgentError error => throw new InfrastructureException($"could not {purpose}: {error.Text}"),
        _ => reply.TraceText,
    };

    private static string Shortened(string word) => word.Length <= LongestWord ? word : word[..LongestWord];
}
