using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using HilTests.Cli.Commands;

namespace HilTests.Cli.Output;

/// <summary>The usual help and below it the command's worked example.</summary>
internal sealed class HelpWithExample(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is HilCommand command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            foreach (var line in command.Example.Split('\n')) output.WriteLine($"  {line}".TrimEnd());
        }
        return code;
    }
}
