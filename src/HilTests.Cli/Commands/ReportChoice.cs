using System.CommandLine;
using HilTests.Cli.Output;

namespace HilTests.Cli.Commands;

/// <summary>The options that say how results and progress are shown and kept.</summary>
internal sealed class ReportChoice
{
    private readonly Option<string?> _out = new("--out")
    {
        HelpName = "DIR",
        Description = "folder for the results; default results/DATE-TIME, with a link results/latest",
    };

    private readonly Option<string?> _json = new("--json") { HelpName = "FILE|-", Description = "write the result as JSON to a file, or with - to standard output, and nothing else there" };
    private readonly Option<bool> _ktap = new("--ktap") { Description = "print KTAP instead of the summary" };
    private readonly Option<string?> _junit = new("--junit") { HelpName = "FILE", Description = "write JUnit XML to a file" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "show the VM's console, and everything in the summary" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress; of the summary only the verdict" };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "no colours (as with NO_COLOR set)" };

    public void AddTo(Command command, bool withFolder = true)
    {
        if (withFolder) command.Add(_out);
        foreach (var option in (Option[])[_json, _ktap, _junit, _verbose, _quiet, _noColor]) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_quiet) && result.GetValue(_verbose)) result.AddError("-q and -v contradict each other; give one of them");
            if (result.GetValue(_ktap) && result.GetValue(_json) == "-") result.AddError("--ktap and --json - both want standard output; give one of them a file: --json FILE");
        });
    }

    public OutputSettings Read(ParseResult parsed) => new()
    {
        Folder = parsed.GetValue(_out),
        JsonFile = parsed.GetValue(_json),
        Ktap = parsed.GetValue(_ktap),
        JUnitFile = parsed.GetValue(_junit),
        Verbose = parsed.GetValue(_verbose),
        Quiet = parsed.GetValue(_quiet),
        Colour = !parsed.GetValue(_noColor) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    };
}
