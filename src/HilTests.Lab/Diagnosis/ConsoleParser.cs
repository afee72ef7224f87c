using System.Collections.Immutable;

namespace HilTests.Lab.Diagnosis;

/// <summary>
/// Finds the reports in a console. It takes anything: consoles that are cut, mixed from several processors, coloured, or
/// written by a guest that wants to do harm. Time and memory grow with the console's length only.
/// </summary>
public static class ConsoleParser
{
    private const int MostReports = 100;
    private const int MostCallers = 64;

    /// <summary>The reports in the order in which they begin; of very many the first, and panics.</summary>
    public static ImmutableArray<KernelReport> Parse(string console)
    {
        var run = new Run();
        foreach (var record in ConsoleRecord.Split(console))
            run.Take(record);
        return run.Finish();
    }

    private sealed class Run
    {
        private readonly List<ReportBuilder> _all = [];
        private readonly Dictionary<string, ReportBuilder?> _open = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Queue<string>> _recent = new(StringComparer.Ordinal);
        private ReportBuilder? _newest;

        public void Take(ConsoleRecord record)
        {
            if (record.Text.StartsWith("hil-agent: program", StringComparison.Ordinal))
            {
                // What follows belongs to another program.
                Close();
                return;
            }
            var open = _open.GetValueOrDefault(record.Caller) ?? _newest;
            if (open is not null && (open.IsFull || open.IsLongOver(record)))
                open = Close(record.Caller);
            var sign = ReportSign.In(record.Text);
            if (sign is not null && ReportSign.IsFollowUp(record.Text) && _all.FindLast(r => !r.Kind.IsAboutTheGuest()) is { } cause)
            {
                cause.EndsInPanic = true;
                open?.Add(record);
                Close(record.Caller);
            }
            else if (sign is null || (open is not null && IsMoreOf(open, sign, record.Text)))
            {
                open?.Add(record);
                if (record.Text.StartsWith("---[ end ", StringComparison.Ordinal))
                    Close(record.Caller);
            }
            else
            {
                Begin(sign, record);
            }
            Remember(record);
        }

        public ImmutableArray<KernelReport> Finish() => [.. _all.Select(r => r.Build())];

        private void Begin(ReportSign sign, ConsoleRecord record)
        {
            if (_all.Count >= MostReports && (sign.Kind != ReportKind.Panic || _all.Count >= 2 * MostReports))
            {
                Close(record.Caller);
                return;
            }
            var report = new ReportBuilder(sign, record, Before(sign.Kind, record.Caller));
            _all.Add(report);
            if (_open.Count >= MostCallers)
                _open.Clear();
            _open[record.Caller] = _newest = report;
        }

        /// <summary>A trap after the line that explains it, what a watchdog says besides, the end of an oom-kill.</summary>
        private static bool IsMoreOf(ReportBuilder open, ReportSign sign, string text) => sign.Kind switch
        {
            ReportKind.Oops => open.Kind is ReportKind.Oops or ReportKind.Bug && !open.HasFrames && !text.StartsWith("BUG: ", StringComparison.Ordinal),
            ReportKind.OutOfMemory => open.Kind is ReportKind.OutOfMemory && text.Contains("Killed process", StringComparison.Ordinal),
            _ => false,
        };

        private ReportBuilder? Close(string caller)
        {
            if (!_open.Remove(caller, out var closed) || ReferenceEquals(closed, _newest))
                _newest = null;
            return null;
        }

        private void Close()
        {
            _open.Clear();
            _recent.Clear();
            _newest = null;
        }

        private void Remember(ConsoleRecord record)
        {
            if (_recent.Count >= MostCallers)
                _recent.Clear();
            if (!_recent.TryGetValue(record.Caller, out var recent))
                _recent[record.Caller] = recent = new Queue<string>();
            recent.Enqueue(record.Text);
            if (recent.Count > 3)
                recent.Dequeue();
        }

        /// <summary>The text of a WARN or a BUG stands between "cut here" and its first line; that of a broken list before both.</summary>
        private List<string> Before(ReportKind kind, string caller)
        {
            if (kind is not (ReportKind.Bug or ReportKind.Warning) || !_recent.TryGetValue(caller, out var recent))
                return [];
            var lines = recent.ToList();
            int cut = lines.FindLastIndex(l => l.StartsWith("------------[ cut here ]", StringComparison.Ordinal));
            if (cut < 0)
                return [];
            bool isList = cut > 0 && lines[cut - 1].StartsWith("list_", StringComparison.Ordinal);
            return lines[(isList ? cut - 1 : cut)..];
        }
    }
}
