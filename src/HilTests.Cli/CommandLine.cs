using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Data.Common;
using HilTests.Cli.Commands;
using HilTests.Cli.Output;
using HilTests.Core;
using HilTests.Lab;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Cli;

/// <summary>Parses the command line, runs the command and turns every failure into a message and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>The whole tool.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("Runs programs on real Linux devices in a VM and on a model of them; the verdict is their difference.")
        {
            new RunCommand().Build(),
            new TriageCommand().Build(),
            new ReplayCommand().Build(),
            new JudgeCommand().Build(),
            new AuditCommand().Build(),
            new NightlyCommand().Build(),
            new BisectCommand().Build(),
            new ShellCommand().Build(),
            new KernelsCommand().Build(),
            new DoctorCommand().Build(),
        };
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Runs one command line.</summary>
    /// <returns>the exit code</returns>
    public static async Task<int> InvokeAsync(string[] arguments, CancellationToken cancellation)
    {
        var parsed = Build().Parse(arguments);
        var code = parsed.Errors.Count > 0 && parsed.Action is not HelpWithExample ? Refuse(parsed) : await InvokeAsync(parsed, cancellation).ConfigureAwait(false);
        // Whatever ends it: to `git bisect run` a 2 or a 4 would mean a bad commit.
        return arguments.Contains(TriageCommand.BisectOption) ? ExitCode.ForBisect(code) : code;
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(settings, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UsageException or UnknownKernelException or MatrixException)
        {
            return Complain(e.Message, ExitCode.Usage);
        }
        catch (Exception e) when (e is InfrastructureException or MachineLostException or NightException or IOException or UnauthorizedAccessException or DbException)
        {
            return Complain(e.Message, ExitCode.Infrastructure);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Complain("interrupted", ExitCode.Interrupted);
        }
    }

    /// <summary>A word that begins with a minus and is no option is a mistake, not an argument.</summary>
    public static void RefuseOptionsAs(Argument argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Length > 1 && token.Value[0] == '-') result.AddError(UnknownOption(result, token.Value));
        }
    });

    /// <summary>The command line as one would type it again.</summary>
    public static string AsTyped(ParseResult parsed) => string.Join(' ', parsed.Tokens.Select(t => t.Value).Prepend("hil").Select(Quoted));

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-:=+,@%".Contains(c)) ? word : $"'{word.Replace("'", "'\\''")}'";

    private static int Refuse(ParseResult parsed)
    {
        var name = CommandName(parsed);
        var unmatched = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        var isBare = parsed.CommandResult.Command is RootCommand && unmatched is null && parsed.Tokens.Count == 0;
        var message = isBare
            ? $"a command is needed: {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(c => c.Name))}"
            : unmatched is not null ? Unmatched(parsed, unmatched) : parsed.Errors[0].Message;
        Console.Error.WriteLine($"{name}: {message}");
        Console.Error.WriteLine($"Try `{name} --help`.");
        return ExitCode.Usage;
    }

    private static string CommandName(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "hil" : $"hil {parsed.CommandResult.Command.Name}";

    private static string Unmatched(ParseResult parsed, string word)
    {
        if (word.StartsWith('-')) return UnknownOption(parsed.CommandResult, word);
        var command = parsed.CommandResult.Command;
        return command.Subcommands.Count > 0
            ? $"no command '{word}'" + DidYouMean(word, command.Subcommands.Select(c => c.Name))
            : $"'{word}' is one argument too many";
    }

    private static string UnknownOption(SymbolResult result, string word)
    {
        var options = new List<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult command) options.AddRange(command.Command.Options.Where(o => at == result || at == result.Parent || o.Recursive).SelectMany(o => o.Aliases.Prepend(o.Name)));
        }
        return $"no option '{word}'" + DidYouMean(word.Split('=')[0], options);
    }

    private static string DidYouMean(string word, IEnumerable<string> known)
    {
        var near = Spelling.Near(word, known.Where(k => k.Length > 2 || word.Length <= 2));
        return near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "";
    }

    private static int Complain(string message, int code)
    {
        // An error may quote a guest.
        Console.Error.WriteLine($"hil: {PrintableText.Lines(message)}");
        return code;
    }
}
