using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>
/// The one place that knows what the files of a run are called: programs are <c>programs/NAME.hil</c>, traces
/// <c>traces/NAME.trace</c>. A name is the program's, made safe for a file system and unique in the run.
/// </summary>
public sealed class ArchiveNames
{
    public const string ReportFile = "report.html";
    public const string JsonFile = "result.json";
    public const string KtapFile = "result.ktap";
    public const string JUnitFile = "junit.xml";
    public const string SummaryFile = "summary.txt";
    public const string ConsoleFile = "console.log";
    public const string ReplyFile = "reply.txt";
    public const string ReproducerFile = "reproducer.c";
    public const string CommandFile = "command.txt";
    private const int LongestName = 100;

    private readonly string[] _names;
    private readonly string? _folder;

    /// <param name="run">names depend on the order of its programs only</param>
    public ArchiveNames(RunResult run)
    {
        _folder = run.Folder;
        _names = new string[run.Programs.Length];
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < _names.Length; i++)
        {
            var stem = SafeName(run.Programs[i].Program.Name);
            var name = stem;
            for (var copy = 2; !taken.Add(name); copy++) name = $"{stem}-{copy}";
            _names[i] = name;
        }
    }

    /// <summary>The program's file, relative to the run's folder.</summary>
    public string ProgramFile(int program) => $"programs/{_names[program]}.hil";

    /// <summary>The trace's file, relative to the run's folder.</summary>
    public string TraceFile(int program) => $"traces/{_names[program]}.trace";

    /// <summary>The file of the small program that shows the same, relative to the run's folder.</summary>
    public string CounterexampleFile(int program) => $"counterexamples/{_names[program]}.hil";

    /// <summary>The trace that confirmed the small program, relative to the run's folder.</summary>
    public string CounterexampleTraceFile(int program) => $"counterexamples/{_names[program]}.trace";

    /// <summary>A file of the run as its user would type it.</summary>
    public string InFolder(string file) => _folder is null ? file : Path.Combine(_folder, file);

    /// <summary>The command that runs the program again, ready for a shell.</summary>
    public string ReplayCommand(int program) => "hil replay " + ShellWord(InFolder(ProgramFile(program)));

    /// <summary>The command that runs the small program again, ready for a shell.</summary>
    public string ReplayCounterexample(int program) => "hil replay " + ShellWord(InFolder(CounterexampleFile(program)));

    /// <summary>Letters, digits, dot, minus and underscore; anything else becomes a minus, and no name begins with a dot or minus.</summary>
    internal static string SafeName(string name)
    {
        var safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).TrimStart('.', '-');
        if (safe.Length > LongestName) safe = safe[..LongestName];
        return safe.Length == 0 ? "unnamed" : safe;
    }

    private static string ShellWord(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or ':' or '+') ? word : $"'{word.Replace("'", "'\\''")}'";
}
