using System.CommandLine;

namespace HilTests.Cli.Commands;

/// <summary>A command with a worked example for its help.</summary>
/// <param name="name">what the user types</param>
/// <param name="description">one sentence</param>
/// <param name="example">a command line and, below it, what it does</param>
internal sealed class HilCommand(string name, string description, string example) : Command(name, description)
{
    /// <summary>A command line and, below it, what it does.</summary>
    public string Example { get; } = example;
}
