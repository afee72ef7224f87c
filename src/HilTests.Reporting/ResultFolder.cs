using System.Text;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Traces;
using HilTests.Reporting.Html;

namespace HilTests.Reporting;

/// <summary>
/// The folder a run is kept in. A folder holds one run: it is claimed before the run begins, so two runs at once
/// cannot share one and an earlier run is never overwritten. Every file is written aside and renamed: a reader, or
/// a disk that fills up, sees a whole file or none.
/// </summary>
public sealed class ResultFolder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly string? _latest;

    private ResultFolder(string path, string? latest)
    {
        Path = path;
        _latest = latest;
    }

    /// <summary>The folder, as its user would type it. Set it as <see cref="RunResult.Folder"/>.</summary>
    public string Path { get; }

    /// <summary>Claims the folder that the user named.</summary>
    /// <param name="path">made where it does not exist</param>
    /// <param name="command">the command line, kept in <c>command.txt</c></param>
    /// <exception cref="IOException">when it holds a run already, or cannot be written</exception>
    /// <exception cref="UnauthorizedAccessException">when it may not be written</exception>
    public static ResultFolder Claim(string path, string command) => TryClaim(path, command)
        ? new ResultFolder(path, null)
        : throw new IOException($"'{path}' holds a run already, or one is being written there; name another folder with --out, or remove it");

    /// <summary>Claims <c>ROOT/2026-01-31-235959</c>, with <c>-2</c>, <c>-3</c> … where that is taken; <c>ROOT/latest</c> will link to it.</summary>
    public static ResultFolder ClaimDated(string root, DateTimeOffset started, string command)
    {
        var name = started.ToString("yyyy-MM-dd-HHmmss");
        var candidate = name;
        for (var copy = 2; !TryClaim(System.IO.Path.Combine(root, candidate), command); copy++) candidate = $"{name}-{copy}";
        return new ResultFolder(System.IO.Path.Combine(root, candidate), System.IO.Path.Combine(root, "latest"));
    }

    private static bool TryClaim(string path, string command)
    {
        Directory.CreateDirectory(path);
        var claim = System.IO.Path.Combine(path, ArchiveNames.CommandFile);
        FileStream file;
        try
        {
            file = new FileStream(claim, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(claim))
        {
            return false;
        }
        try
        {
            using (file) file.Write(Utf8.GetBytes(command + "\n"));
        }
        catch
        {
            File.Delete(claim);
            throw;
        }
        return true;
    }

    /// <summary>Writes programs, traces, console and every report, then moves the link <c>latest</c>. Can be called again as a run goes on.</summary>
    public void Write(RunResult run)
    {
        run = run with { Folder = Path };
        var names = new ArchiveNames(run);
        for (var i = 0; i < run.Programs.Length; i++) Archive(run.Programs[i], names, i);
        if (run.Console.Length > 0) WriteHere(ArchiveNames.ConsoleFile, writer => writer.Write(run.Console));
        WriteHere(ArchiveNames.KtapFile, writer => KtapReport.Write(run, writer));
        WriteHere(ArchiveNames.JUnitFile, writer => JUnitReport.Write(run, writer));
        WriteHere(ArchiveNames.SummaryFile, writer => TextSummary.Write(run, writer, new SummaryOptions { Verbose = true }));
        WriteReproducer(run);
        if (run.Patch is not null) WriteHere(ArchiveNames.ReplyFile, writer => ReplyText.Write(run, writer));
        WriteHere(ArchiveNames.ReportFile, writer => HtmlReport.Write(run, writer));
        WriteHere(ArchiveNames.JsonFile, writer => JsonReport.Write(run, writer));
        if (_latest is not null) Link(_latest, System.IO.Path.GetFileName(Path));
    }

    private void Archive(ProgramResult result, ArchiveNames names, int index)
    {
        WriteHere(names.ProgramFile(index), writer => writer.Write(ProgramText.Print(result.Program)));
        if (result.Trace is { } trace) WriteHere(names.TraceFile(index), writer => writer.Write(TraceText.Print(trace)));
        if (result.Counterexample is not { } small) return;
        WriteHere(names.CounterexampleFile(index), writer => writer.Write(CounterexampleText.Write(result, small, names.ReplayCounterexample(index))));
        WriteHere(names.CounterexampleTraceFile(index), writer => writer.Write(TraceText.Print(small.Trace)));
    }

    /// <summary>The smallest program, as C, of the first finding for which that can be said; where there is none, a file that says why.</summary>
    private void WriteReproducer(RunResult run)
    {
        if (run.Patch is null) return;
        string? missing = null;
        foreach (var finding in Finding.Of(run).Where(f => f is { Class: FindingClass.Broken, Counts: true, ProgramIndex: >= 0 }))
        {
            // One that was not seen again on a fresh machine shows nothing.
            var shown = finding.Counterexample is { Fresh.Seen: 0 } ? finding with { Counterexample = null } : finding;
            using var text = new StringWriter();
            var unsaid = Reproducers.CProgram.Write(shown.Counterexample?.Program ?? shown.Program, shown, text);
            if (unsaid is null)
            {
                WriteHere(ArchiveNames.ReproducerFile, writer => writer.Write(text.ToString()));
                return;
            }
            missing ??= unsaid;
        }
        if (missing is not null) WriteHere(ArchiveNames.ReproducerFile + ".txt", writer => writer.Write($"There is no stand-alone C program: this cannot be said in it: {missing}\n"));
    }

    private void WriteHere(string file, Action<TextWriter> write) => WriteFile(System.IO.Path.Combine(Path, file), write);

    /// <summary>Writes a file (UTF-8) aside and renames it; on failure an older file of that name is untouched.</summary>
    /// <exception cref="IOException">disk full and the like</exception>
    public static void WriteFile(string path, Action<TextWriter> write)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var aside = Aside(path);
        try
        {
            using (var writer = new StreamWriter(aside, append: false, Utf8) { NewLine = "\n" }) write(writer);
            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>
    /// Replaces the link in one step. <see cref="File.Move(string, string, bool)"/> refuses a link that leads to a
    /// folder; made one folder deeper, the same relative link leads nowhere and can be moved.
    /// </summary>
    private static void Link(string link, string target)
    {
        var aside = Aside(link);
        Directory.CreateDirectory(aside);
        try
        {
            var made = System.IO.Path.Combine(aside, "link");
            File.CreateSymbolicLink(made, target);
            File.Move(made, link, overwrite: true);
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    private static string Aside(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return System.IO.Path.Combine(System.IO.Path.GetDirectoryName(full)!, $".{System.IO.Path.GetFileName(full)}.{Environment.ProcessId}-{Guid.NewGuid():N}");
    }
}
