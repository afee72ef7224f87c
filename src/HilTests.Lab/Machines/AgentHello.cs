using HilTests.Core;

namespace HilTests.Lab.Machines;

/// <summary>Reads the agent's first frame: <c>hil-agent protocol=1 build=HASH pid=N owner=NAME</c>, then a line for each module that failed.</summary>
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
        return Word(hello, "build=");
    }

    /// <summary>The name under which the agent keeps what it makes, and marks the kernel's log.</summary>
    public static string Owner(string hello) => Word(hello, "owner=");

    private static string Word(string hello, string key) =>
        hello.Split('\n')[0].Split(' ').FirstOrDefault(w => w.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? "unknown";

    public static IEnumerable<string> FailedModules(string hello) =>
        hello.Split('\n').Skip(1).Where(l => l.StartsWith("module-failed ", StringComparison.Ordinal))
            .Take(MostModules).Select(l => $"{Shortened(l["module-failed ".Length..])}: the kernel refused it");

    /// <summary>The time in the answer to a probe of <see cref="FixedWork"/>.</summary>
    /// <exception cref="MachineLostException">The machine was lost.</exception>
    /// <exception cref="InfrastructureException">The agent said no, or something else.</exception>
    public static TimeSpan MustTellWork(this AgentReply reply)
    {
        string text = reply.MustComplete("measure the machine's speed");
        return FixedWork.TryParseAnswer(text, out var time) ? time : throw new InfrastructureException($"the agent was asked how long a piece of work takes and said '{text}'");
    }

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
