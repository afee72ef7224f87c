using System.Collections.Immutable;
using System.CommandLine;
using HilTests.Cli.Input;
using HilTests.Cli.Output;
using HilTests.Cli.Triaging;
using HilTests.Lab.Modules;
using HilTests.Lab.Patches;
using HilTests.Reporting;

namespace HilTests.Cli.Commands;

/// <summary><c>hil triage</c>: builds what a patch changes, runs stock and patched side by side, says what differs.</summary>
internal sealed class TriageCommand
{
    private readonly Argument<string[]> _patches = new("PATCH") { Arity = ArgumentArity.ZeroOrMore, Description = "patch files, a folder of them, a mailbox with a series, or - for a mail on standard input" };
    private readonly Option<string> _time = new("--time") { HelpName = "30s", Description = "device time a device, for both sides together", DefaultValueFactory = _ => "30s" };
    private readonly Option<ulong> _seed = new("--seed") { HelpName = "N", Description = "seed of the generated programs", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _fuzz = new("--fuzz") { HelpName = "N", Description = "lines of context that need not fit, 0 to 2; a patch that fits only so is reported as such" };
    private readonly Option<bool> _trust = new("--trust-patch") { Description = "build even where the build cannot be confined; a patch's Makefile then runs as you" };
    private readonly Option<bool> _review = new("--review-check") { Description = "read one mail on standard input, print the JSON array that b4's review-series-check-cmd expects" };
    /// <summary>Exit codes as <c>git bisect run</c> wants them, whatever the command ends with; <see cref="CommandLine"/> sees to it.</summary>
    public const string BisectOption = "--bisect";

    private readonly Option<bool> _bisect = new(BisectOption) { Description = "exit codes for git bisect run: what cannot be judged is 125, wrong usage 128" };
    private readonly ShrinkChoice _shrink = new("10s");
    private readonly MachineChoice _machine = new();
    private readonly ReportChoice _report = new();

    public Command Build()
    {
        var command = new HilCommand("triage", "Says what a patch changes: runs stock and patched modules side by side, on the same programs.", """
            hil triage 0001-vhost-net-fix-something.patch
            builds the patched vhost modules, runs programs on the kernel with and without them, says which rule differs
            """)
        { _patches, _time, _seed, _fuzz, _trust, _review, _bisect };
        _shrink.AddTo(command);
        _machine.AddTo(command, withMachine: false);
        _report.AddTo(command);
        CommandLine.RefuseOptionsAs(_patches);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_time) is { } time && !Duration.TryParse(time, out _)) result.AddError($"--time: '{time}' is no span of time such as 30s or 1m");
            if (result.GetValue(_fuzz) is < 0 or > 2) result.AddError("--fuzz: a number from 0 to 2 is needed");
            var patches = result.GetValue(_patches) ?? [];
            if (patches.Count(p => p == PatchReader.StandardInput) > 1) result.AddError("- is given more than once; standard input can be read once");
            if (result.GetValue(_review) && patches.Length > 0) result.AddError("--review-check reads the mail on standard input; leave the patches out");
            if (!result.GetValue(_review) && patches.Length == 0) result.AddError("a patch is needed: a file, a folder, a mailbox, or - for standard input");
        });
        command.SetAction(TriageAsync);
        return command;
    }

    private async Task<int> TriageAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            return await RunAsync(parsed, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is PatchInputException or UsageException)
        {
            if (parsed.GetValue(_review)) ReviewCheck.Write(Console.Out, "warn", e.Message, e.Message);
            throw new UsageException(e.Message, e);
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var isReview = parsed.GetValue(_review);
        var output = _report.Read(parsed);
        if (isReview && ResultKeeper.TakesStandardOutput(output)) throw new UsageException("--review-check wants standard output for itself; give --json a file");
        if (!Duration.TryParse(parsed.GetValue(_time)!, out var time)) throw new UsageException("--time: no span of time");
        var settings = new TriageSettings
        {
            Command = CommandLine.AsTyped(parsed),
            Patches = isReview ? [PatchReader.StandardInput] : parsed.GetValue(_patches) ?? [],
            Kernel = _machine.Kernel(parsed),
            Accelerator = _machine.Accelerator(parsed),
            Time = time,
            ShrinkTime = _shrink.Read(parsed),
            Seed = parsed.GetValue(_seed),
            Fuzz = parsed.GetValue(_fuzz),
            TrustsPatch = parsed.GetValue(_trust),
            ConsoleMirror = output.Verbose ? new TerminalMirror(Console.Error) : null,
        };
        var display = new ProgressDisplay(output);
        await using var input = Console.OpenStandardInput();
        // Input that cannot be read leaves no folder behind.
        var keeper = new Lazy<ResultKeeper>(() => new ResultKeeper(output with { Quiet = output.Quiet || isReview }, settings.Command) { IsReviewCheck = isReview });
        var session = new TriageSession(settings, display.Progress);
        var result = await display.ShowAsync(() => session.RunAsync(input, cancellation)).ConfigureAwait(false);
        keeper.Value.InFolder(folder => KeepModules(folder, session.Pairs));
        return keeper.Value.Finish(result);
    }

    /// <summary>The modules of both sides, so that a program can be replayed when the cache has forgotten them.</summary>
    private static void KeepModules(string folder, ImmutableArray<BuiltPair> pairs)
    {
        foreach (var (place, modules) in pairs.SelectMany(p => ((string, BuiltModules)[])[("stock", p.Stock), ("patched", p.Patched)]))
        {
            var into = Directory.CreateDirectory(Path.Combine(folder, "modules", place)).FullName;
            foreach (var (name, file) in modules.Files) File.Copy(file, Path.Combine(into, name + ".ko"), overwrite: true);
        }
    }
}
