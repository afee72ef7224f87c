using System.Globalization;
using System.Text.RegularExpressions;

namespace HilTests.Lab.Diagnosis;

/// <summary>Gathers the lines of one report and makes sense of them.</summary>
internal sealed partial class ReportBuilder
{
    private const int MostLines = 300;
    private const int MostFrames = 64;

    private readonly ReportSign _sign;
    private readonly double? _seconds;
    private readonly string _before;
    private readonly List<string> _lines = [];
    private readonly List<StackFrame> _frames = [];
    private StackFrame? _pointer;
    private StackFrame? _named;
    private int? _cpu;
    private (string Name, int? Id) _task;
    private string _taint = "";
    private string _access = "";
    private string _killed = "";
    private double? _last;
    private int _traces;
    private bool _inTrace;
    private bool _isTraceDone;
    private bool _wantsLock;

    /// <param name="sign">What its first line says.</param>
    /// <param name="first">Its first line.</param>
    /// <param name="before">What the kernel said just before, which belongs to it: the text of a WARN, say; may be empty.</param>
    public ReportBuilder(ReportSign sign, ConsoleRecord first, IReadOnlyList<string> before)
    {
        _sign = sign;
        _seconds = _last = first.Seconds;
        _before = string.Join('\n', before);
        _cpu = sign.Cpu;
        _task = sign.Task;
        _lines.AddRange(before);
        // These print their frames without the words that begin a trace elsewhere.
        _inTrace = sign.Kind is ReportKind.Kfence or ReportKind.Sanitizer;
        Add(first);
    }

    public ReportKind Kind => _sign.Kind;

    public bool EndsInPanic { get; set; }

    public bool IsFull => _lines.Count >= MostLines;

    public bool HasFrames => _pointer is not null || _frames.Count > 0;

    /// <summary>Whether a message comes so much later that it cannot belong to this report.</summary>
    public bool IsLongOver(ConsoleRecord record) => record.Seconds - _last > 3;

    /// <summary>Takes a line.</summary>
    public void Add(ConsoleRecord record)
    {
        if (IsFull)
            return;
        string text = record.Text;
        _lines.Add(text);
        // A processor that answers late prints with the time at which it stood still.
        if (record.Seconds > _last)
            _last = record.Seconds;
        // The line that the report begins with may name the function itself.
        if (_lines.Count <= 4)
            _named ??= StackFrame.In(text);
        if (Head().Match(text) is { Success: true } head)
            TakeHead(head);
        else if (Access().Match(text) is { Success: true } access && _access.Length == 0)
            _access = access.Groups["access"].Value;
        else if (Killed().Match(text) is { Success: true } killed)
            _killed = killed.Groups["task"].Value;
        TakeFrame(text);
        TakeLock(text);
    }

    public KernelReport Build() => new()
    {
        Kind = _sign.Kind,
        Title = Title(),
        Frames = [.. _pointer is null ? _frames : _frames.Prepend(_pointer)],
        InstructionPointer = _pointer,
        Cpu = _cpu,
        Process = _task.Name,
        ProcessId = _task.Id,
        Taint = _taint,
        Seconds = _seconds,
        Lasted = _sign.Lasted,
        Lines = [.. _lines],
        EndsInPanic = EndsInPanic || _sign.Kind is ReportKind.Panic or ReportKind.InitGone or ReportKind.MemoryDeadlock,
    };

    private string Title()
    {
        string name = _sign switch
        {
            { Kind: ReportKind.Kasan } when _access.Length > 0 => $"{_sign.Name} {_access}",
            { Kind: ReportKind.OutOfMemory } when _killed.Length > 0 => $"Out of memory: killed {_killed}",
            { Kind: ReportKind.Bug or ReportKind.Warning } when _before.Contains("list_del corruption", StringComparison.Ordinal)
                || _before.Contains("list_add corruption", StringComparison.Ordinal) || _before.Contains("list_add double add", StringComparison.Ordinal)
                => "BUG: corrupted list",
            { Kind: ReportKind.Warning } when _before.Contains("refcount_t: ", StringComparison.Ordinal) => "WARNING: refcount bug",
            { Kind: ReportKind.Warning } when _before.Contains("ODEBUG: ", StringComparison.Ordinal) => "WARNING: ODEBUG bug",
            _ => _sign.Name,
        };
        if (!_sign.TakesFrame)
            return name;
        string? where = Where();
        return where is null ? name + _sign.Place : $"{name} in {where}";
    }

    /// <summary>The function to blame: the first that tells something, else the first of all.</summary>
    private string? Where()
    {
        var candidates = _pointer is null ? _frames : _frames.Prepend(_pointer);
        if (_named is not null && _sign.Kind is ReportKind.Lockdep or ReportKind.Warning or ReportKind.Panic)
            candidates = candidates.Prepend(_named);
        var sure = candidates.Where(f => !f.IsGuess).ToList();
        return (sure.Find(f => !GenericFunctions.Contains(f.Function)) ?? _named ?? sure.FirstOrDefault())?.Function;
    }

    private void TakeHead(Match head)
    {
        _cpu ??= Number(head, "cpu");
        if (_task.Name.Length == 0)
            _task = (head.Groups["task"].Value.Trim(), Number(head, "pid"));
        if (_taint.Length == 0)
            _taint = head.Groups["taint"].Value.Replace(" ", "", StringComparison.Ordinal);
    }

    private void TakeFrame(string text)
    {
        if (text.StartsWith("RIP: ", StringComparison.Ordinal))
        {
            // 0033 is user space.
            var pointer = text.StartsWith("RIP: 0010:", StringComparison.Ordinal) ? StackFrame.In(text) : null;
            if (_traces == 0)
                _pointer ??= pointer;
            else if (_inTrace && pointer is not null)
                AddFrame(pointer);
            return;
        }
        if (text.StartsWith("Call Trace:", StringComparison.Ordinal) || text.StartsWith("Call trace:", StringComparison.Ordinal)
            || text.StartsWith("stack backtrace:", StringComparison.Ordinal) || text.TrimStart().StartsWith("backtrace", StringComparison.Ordinal))
        {
            _traces++;
            _inTrace = !_isTraceDone;
            return;
        }
        if (!_inTrace)
            return;
        if (StackFrame.OfTraceLine(text) is { } frame)
            AddFrame(frame);
        else if (!Inside().IsMatch(text) && _frames.Exists(f => !f.IsGuess))
            (_inTrace, _isTraceDone) = (false, _frames.Exists(f => !f.IsGuess && !GenericFunctions.Contains(f.Function)));
    }

    private void AddFrame(StackFrame frame)
    {
        if (_frames.Count < MostFrames)
            _frames.Add(frame);
    }

    /// <summary>lockdep names the place in the line after "is trying to acquire lock:", behind "at:".</summary>
    private void TakeLock(string text)
    {
        if (_sign.Kind != ReportKind.Lockdep)
            return;
        if (_wantsLock && text.IndexOf(", at: ", StringComparison.Ordinal) is >= 0 and var at)
        {
            _wantsLock = false;
            if (StackFrame.In(text[at..]) is { } place)
                _named = place;
        }
        if (text.EndsWith("is trying to acquire lock:", StringComparison.Ordinal) || text.EndsWith("is trying to lock:", StringComparison.Ordinal) || text.EndsWith("takes:", StringComparison.Ordinal))
            _wantsLock = true;
    }

    private static int? Number(Match match, string group) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"^CPU: (?<cpu>\d{1,4}) (?:UID: \d{1,10} )?PID: (?<pid>\d{1,9}) Comm: (?<task>.{0,40}?) (?:Not tainted|Tainted: (?<taint>[A-Z ]{1,40}?) (?=[\d(])|Kdump|Tainted:|$)")]
    private static partial Regex Head();

    [GeneratedRegex(@"^(?<access>Read|Write) of size \d{1,12} at addr ")]
    private static partial Regex Access();

    [GeneratedRegex(@"^(?:Memory cgroup out|Out) of memory: Killed process \d{1,9} \((?<task>.{0,40}?)\)")]
    private static partial Regex Killed();

    // What may stand between the frames of one trace: markers of the stack, and the registers of an interrupted function.
    [GeneratedRegex(@"^\s*</?[A-Z#]{2,4}>|^(?:Code|RSP|RAX|RDX|RBP|R10|R13|FS|CS|CR2|PKRU|ORIG_RAX)[: ]|^\s*$|^\s*\?|^\s*\[<|^INFO: NMI handler")]
    private static partial Regex Inside();
}
