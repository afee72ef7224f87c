using System.CommandLine;
using HilTests.Cli.Auditing;
using HilTests.Cli.Input;
using HilTests.Cli.Output;
using HilTests.Cli.Running;
using HilTests.Core;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Lab;
using HilTests.Lab.Mutation;
using HilTests.Models;
using HilTests.Reporting;
using HilTests.Reporting.Auditing;

namespace HilTests.Cli.Commands;

/// <summary><c>hil audit</c>: tries the judge on kernels that are wrong on purpose, and on some that only look different.</summary>
internal sealed class AuditCommand
{
    private readonly Argument<string[]> _devices = new("DEVICE") { Arity = ArgumentArity.ZeroOrMore, Description = "whose mutants; nothing: those of all devices" };
    private readonly Option<string> _time = new("--time") { HelpName = "20s", Description = "device time for each mutant", DefaultValueFactory = _ => "20s" };
    private readonly Option<string[]> _only = new("--only") { HelpName = "NAME", Description = "only mutants of this name (* stands for any letters); may be given more than once", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _set = new("--set") { HelpName = "DIR", Description = "another folder of mutants than the project's own, DIR/DEVICE/*.patch" };
    private readonly Option<ulong> _seed = new("--seed") { HelpName = "N", Description = "seed of the generated programs", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _out = new("--out") { HelpName = "DIR", Description = "folder for the results; default results/DATE-TIME, with a link results/latest" };
    private readonly Option<string?> _json = new("--json") { HelpName = "FILE|-", Description = "write the result as JSON to a file, or with - to standard output, and nothing else there" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "show the VM's console" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress; only the totals" };
    private readonly MachineChoice _machine = new();

    public Command Build()
    {
        var command = new HilCommand("audit", "Tries the judge on kernels that are wrong on purpose: the kill matrix.", """
            hil audit vhost-net --only 'harmless-*' 'relational-*'
            builds these mutants, swaps each into a running VM, runs the suite, says which program and rule caught which
            """)
        { _devices, _time, _only, _set, _seed, _out, _json, _verbose, _quiet };
        _machine.AddTo(command, withMachine: false);
        CommandLine.RefuseOptionsAs(_devices);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_time) is { } time && !Duration.TryParse(time, out _)) result.AddError($"--time: '{time}' is no span of time such as 20s or 1m");
            if (result.GetValue(_quiet) && result.GetValue(_verbose)) result.AddError("-q and -v contradict each other; give one of them");
        });
        command.SetAction(AuditAsync);
        command.Add(new AuditSampleCommand().Build());
        return command;
    }

    /// <summary>A device's name.</summary>
    /// <exception cref="UsageException">there is none of this name</exception>
    public static string Known(string device) => ModelRegistry.Devices.Contains(device)
        ? device
        : throw new UsageException($"no device '{device}'; devices are: {string.Join(", ", ModelRegistry.Devices)}");

    private async Task<int> AuditAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var mutants = Chosen(parsed);
        if (!Duration.TryParse(parsed.GetValue(_time)!, out var limit)) throw new UsageException("--time: no span of time");
        var output = new OutputSettings { Folder = parsed.GetValue(_out), JsonFile = parsed.GetValue(_json), Quiet = parsed.GetValue(_quiet), Verbose = parsed.GetValue(_verbose) };
        var settings = new AuditSettings
        {
            Command = CommandLine.AsTyped(parsed),
            Kernel = _machine.Kernel(parsed),
            Accelerator = _machine.Accelerator(parsed),
            Limit = limit,
            Seed = parsed.GetValue(_seed),
            ConsoleMirror = output.Verbose ? new TerminalMirror(Console.Error) : null,
        };
        var folder = output.Folder is null
            ? ResultFolder.ClaimDated("results", DateTimeOffset.Now, settings.Command)
            : ResultFolder.Claim(output.Folder, settings.Command);
        Action<string> note = output.Quiet ? static _ => { } : static text => Console.Error.WriteLine($"hil: {PrintableText.OneLine(text)}");
        var audit = await new Auditor(settings, mutants, note) { Keep = (mutant, program) => Archive(folder.Path, mutant, program) }.RunAsync(cancellation).ConfigureAwait(false);
        WriteCatches(audit, mutants, folder.Path);
        return Finish(audit, folder.Path, output);
    }

    /// <exception cref="UsageException">none is left, or a patch does not say what it is</exception>
    private List<Mutant> Chosen(ParseResult parsed)
    {
        var folder = parsed.GetValue(_set) ?? MutantSet.Folder(SourceTree.Find());
        if (!Directory.Exists(folder)) throw new UsageException($"--set {folder}: there is no such folder");
        string[] devices = parsed.GetValue(_devices) is { Length: > 0 } named ? named : [.. ModelRegistry.Usual];
        var patterns = parsed.GetValue(_only) ?? [];
        try
        {
            var all = devices.Select(Known).Distinct().SelectMany(d => MutantSet.Read(folder, d)).ToList();
            var chosen = all.Where(m => patterns.Length == 0 || patterns.Any(p => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(p, m.Name, ignoreCase: false))).ToList();
            var near = patterns.Length > 0 ? Spelling.Near(patterns[0], all.Select(m => m.Name)) : [];
            return chosen.Count > 0
                ? chosen
                : throw new UsageException($"no mutant of {string.Join(", ", devices)} {(patterns.Length > 0 ? $"is named {string.Join(" or ", patterns)}" : $"in {folder}")}{(near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "")}");
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>Keeps a program that is against a mutant, with its trace.</summary>
    internal static void Archive(string folder, Mutant mutant, QueuedProgram program)
    {
        var file = Path.Combine(folder, "caught", mutant.Name);
        ResultFolder.WriteFile(file + ".hil", writer => writer.Write(ProgramText.Print(program.Planned.Program)));
        if (program.Result.Trace is { } trace) ResultFolder.WriteFile(file + ".trace", writer => writer.Write(TraceText.Print(trace)));
    }

    /// <summary>Writes the kill matrix in every format.</summary>
    internal static void WriteReports(AuditResult audit, string folder)
    {
        ResultFolder.WriteFile(Path.Combine(folder, "audit.md"), writer => AuditText.WriteMarkdown(audit, writer));
        ResultFolder.WriteFile(Path.Combine(folder, "audit.json"), writer => AuditJson.Write(audit, writer));
        ResultFolder.WriteFile(Path.Combine(folder, "audit.html"), writer => AuditHtml.Write(audit, writer));
    }

    /// <summary>Writes for each device which hand-written programs caught mutants of which function.</summary>
    private static void WriteCatches(AuditResult audit, List<Mutant> mutants, string folder)
    {
        foreach (var device in audit.Mutants.GroupBy(m => m.Device))
        {
            var byHand = ModelRegistry.Get(device.Key).HandWritten.Select(p => p.Name).ToHashSet();
            var catches = from caught in device
                          where caught.Fate == MutantFate.Caught && caught.Program is { } program && byHand.Contains(program)
                          from function in mutants.First(m => m.Device == device.Key && m.Name == caught.Name).Functions
                          select (function, caught.Program!);
            ResultFolder.WriteFile(Path.Combine(folder, $"caught-{device.Key}.list"), CatchRecord.Of(catches).Write);
        }
    }

    private static int Finish(AuditResult audit, string folder, OutputSettings output)
    {
        WriteReports(audit, folder);
        if (output.JsonFile is { } json and not "-") ResultFolder.WriteFile(json, writer => AuditJson.Write(audit, writer));
        if (output.JsonFile == "-") AuditJson.Write(audit, Console.Out);
        var summary = output.JsonFile == "-" ? Console.Error : Console.Out;
        if (output.Quiet) AuditText.WriteTotals(audit, summary);
        else AuditText.WriteMarkdown(audit, summary);
        summary.WriteLine($"report       {Path.Combine(folder, "audit.html")}");
        return CodeOf(audit);
    }

    /// <summary>0 where every mutant that could be caught was, and no harmless one was blamed.</summary>
    internal static int CodeOf(AuditResult audit) =>
        audit.Interrupted ? ExitCode.Interrupted
        : audit.Mutants.Any(m => m.IsFailure) ? ExitCode.Finding
        : audit.Count(MutantFate.NotTried) > 0 ? ExitCode.Infrastructure
        : ExitCode.Conforms;
}
