using HilTests.Core.Results;
using HilTests.Reporting;

namespace HilTests.Cli.Output;

/// <summary>
/// Keeps and prints the result of a run. What cannot be written is told and turns the exit code into 4; the verdict is
/// printed all the same.
/// </summary>
internal sealed class ResultKeeper
{
    private readonly OutputSettings _settings;
    private readonly ResultFolder? _folder;
    private bool _hasFailed;

    /// <summary>Keeps no folder.</summary>
    public ResultKeeper(OutputSettings settings) => _settings = settings;

    /// <summary>Claims the folder at once, so that a folder that cannot be written is told before the run.</summary>
    /// <exception cref="UsageException">the folder the user named holds a run already</exception>
    public ResultKeeper(OutputSettings settings, string command)
    {
        _settings = settings;
        if (settings.Folder is { } named && File.Exists(Path.Combine(named, ArchiveNames.CommandFile)))
            throw new UsageException($"--out {named}: that folder holds a run already; name another one, or remove it");
        Try("the results folder cannot be made; this run will not be kept", () =>
            settings.Folder is null ? ResultFolder.ClaimDated("results", DateTimeOffset.Now, command) : ResultFolder.Claim(settings.Folder, command), out _folder);
    }

    /// <summary>Whether b4's check is printed on standard output, and nothing else there.</summary>
    public bool IsReviewCheck { get; init; }

    /// <summary>Puts something more into the folder, where there is one.</summary>
    public void InFolder(Action<string> write)
    {
        if (_folder is not null) Try($"the results could not be written to {_folder.Path}", () => write(_folder.Path));
    }

    /// <summary>Whether a format takes standard output for itself.</summary>
    public static bool TakesStandardOutput(OutputSettings settings) => settings.JsonFile == "-" || settings.Ktap;

    /// <summary>Writes the files that were asked for and prints the verdict.</summary>
    /// <returns>the exit code</returns>
    public int Finish(RunResult run)
    {
        run = run with { Folder = _folder?.Path };
        if (_folder is not null) Try($"the results could not be written to {_folder.Path}", () => WriteFolder(_folder, run));
        if (_settings.JsonFile is { } json and not "-") Try($"{json} could not be written", () => ResultFolder.WriteFile(json, w => JsonReport.Write(run, w)));
        if (_settings.JUnitFile is { } junit) Try($"{junit} could not be written", () => ResultFolder.WriteFile(junit, w => JUnitReport.Write(run, w)));
        Try("standard output could not be written", () => Print(run));
        // A finding about the kernel is not hidden by a report that could not be written.
        var code = run.Interrupted ? ExitCode.Interrupted : ExitCode.Of(run.Verdict);
        return _hasFailed && code is ExitCode.Conforms or ExitCode.Inconclusive ? ExitCode.Infrastructure : code;
    }

    private static void WriteFolder(ResultFolder folder, RunResult run)
    {
        RecordedRun.Write(folder.Path, run);
        folder.Write(run);
    }

    private void Print(RunResult run)
    {
        var output = Console.Out;
        if (IsReviewCheck)
        {
            ReviewCheck.Write(run, output);
            output.Flush();
            return;
        }
        if (_settings.JsonFile == "-") JsonReport.Write(run, output);
        else if (_settings.Ktap) KtapReport.Write(run, output);
        if (TakesStandardOutput(_settings))
        {
            if (!_settings.Quiet) WriteSummary(run, Console.Error, !Console.IsErrorRedirected);
        }
        else
        {
            WriteSummary(run, output, !Console.IsOutputRedirected);
        }
        output.Flush();
    }

    private void WriteSummary(RunResult run, TextWriter writer, bool isTerminal)
    {
        var options = new SummaryOptions { Verbose = _settings.Verbose, Colour = _settings.Colour && isTerminal };
        if (!_settings.Quiet)
        {
            TextSummary.Write(run, writer, options);
            return;
        }
        using var whole = new StringWriter();
        TextSummary.Write(run, whole, options);
        writer.Write(whole.ToString().Split('\n')[0] + "\n");
    }

    private void Try(string complaint, Action write) => Try(complaint, () => { write(); return true; }, out _);

    private void Try<T>(string complaint, Func<T> write, out T? result)
    {
        result = default;
        try
        {
            result = write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
            Console.Error.WriteLine($"hil: {complaint}: {e.Message}{Remedy(e)}");
        }
    }

    // .NET reports ENOSPC (28), EDQUOT (122) and EROFS (30) as an IOException whose HResult is the errno.
    private static string Remedy(Exception e) => (e.HResult & 0xffff) switch
    {
        28 or 0x70 or 122 => " (the disk is full: free some space, or name a folder on another disk with --out)",
        _ => " (name a folder that can be written with --out)",
    };
}
