using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Traces;

/// <summary>
/// The text form of traces, version 1, written piece by piece while a program runs:
/// <code>
/// hil-trace 1
/// name tx-basic
/// device vhost-net
/// profile hz=250 release="6.1.0"
/// 1: open
/// = @12+40 errno=0
/// 2: read-trace
/// = @60+900 errno=0 overrun=0
/// | a line of kernel text
/// end complete
/// </code>
/// <c>@12+40</c> is start and duration in microseconds. Instead of <c>end complete</c> a trace may end in
/// <c>end hung</c>, <c>end agent-failed</c> or <c>end crashed</c> with lines of explanation, or in the middle.
/// </summary>
public static class TraceText
{
    /// <summary>The format version this build reads and writes.</summary>
    public const int Version = 1;

    private const string Magic = "hil-trace";

    /// <summary>The longest time of a stamp, in microseconds: eleven days.</summary>
    private const long LongestTime = 1_000_000_000_000;

    /// <summary>The lines before the first step.</summary>
    public static string Head(Program program, KernelProfile profile)
    {
        var text = new StringBuilder();
        text.Append(Magic).Append(' ').Append(Version).Append('\n');
        ProgramText.AppendHead(text, program);
        text.Append("profile ").Append(profile).Append('\n');
        return text.ToString();
    }

    /// <summary>The line that says a step begins.</summary>
    /// <param name="number">counted from 1</param>
    /// <param name="device">the program's device</param>
    /// <param name="step">the step</param>
    public static string Begin(int number, string device, Step step) => Begin(number, ProgramText.PrintStep(device, step));

    /// <summary>The line that says a step begins, where the step's own line is at hand.</summary>
    public static string Begin(int number, string line) => $"{number}: {line}\n";

    /// <summary>The lines that say what a step did.</summary>
    public static string Outcome(Observation observation)
    {
        var text = new StringBuilder();
        text.Append("= @").Append(observation.StartMicroseconds).Append('+').Append(observation.DurationMicroseconds);
        if (observation.Fields.Length > 0) text.Append(' ');
        ValueText.AppendFields(text, observation.Fields);
        text.Append('\n');
        foreach (var line in observation.Lines) text.Append("| ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>The line or lines that end a trace; a cut trace has none.</summary>
    public static string Tail(TraceEnd end, IEnumerable<string> lines)
    {
        if (end == TraceEnd.Cut) return "";
        var text = new StringBuilder();
        text.Append("end ").Append(Choices.Word(end)).Append('\n');
        foreach (var line in lines) text.Append("| ").Append(line.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();
    }

    /// <summary>The whole trace.</summary>
    public static string Print(Trace trace)
    {
        var text = new StringBuilder(Head(trace.Program, trace.Profile));
        var number = 0;
        foreach (var (step, observation) in trace.Entries)
        {
            text.Append(Begin(++number, trace.Program.Device, step));
            if (observation is not null) text.Append(Outcome(observation));
        }
        return text.Append(Tail(trace.End, trace.EndLines)).ToString();
    }

    /// <summary>
    /// Reads a trace. Its program is made of the steps that stand in it; give <paramref name="program"/> where the
    /// whole program is known, so that a cut trace keeps the steps that were not reached; steps that are not its steps
    /// are then refused. A trace comes from a guest that may be hostile: reading takes time and memory in proportion
    /// to the text, whatever stands in it.
    /// </summary>
    /// <exception cref="TextFormatException">with line and column</exception>
    public static Trace Parse(string text, Program? program = null)
    {
        var reader = new TraceReader(program);
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.Length == 0) continue;
            try
            {
                if (number == 1) ProgramText.ExpectMagic(line, Magic, Version);
                else reader.Read(line);
            }
            catch (TextFormatException e) when (e.Line == 0)
            {
                throw e.AtLine(number);
            }
        }
        if (number == 1 && text.Length == 0) throw new TextFormatException(1, 1, $"'{Magic} {Version}' was expected; the text is empty");
        return reader.ToTrace(number);
    }

    private sealed class TraceReader(Program? program)
    {
        private readonly ProgramHead _head = new();
        private readonly ImmutableArray<TraceEntry>.Builder _entries = ImmutableArray.CreateBuilder<TraceEntry>();
        private readonly List<string> _lines = [];
        private KernelProfile? _profile;
        private TraceEnd _end = TraceEnd.Cut;
        private bool _ended;

        public void Read(string line)
        {
            if (line.StartsWith("| ", StringComparison.Ordinal)) _lines.Add(line[2..]);
            else if (line == "|") _lines.Add("");
            else if (_ended) throw new TextFormatException(0, 1, "nothing but '| ' lines may follow 'end'");
            else if (line.StartsWith("= @", StringComparison.Ordinal)) ReadOutcome(line);
            else if (char.IsAsciiDigit(line[0])) ReadBegin(line);
            else if (line.StartsWith("profile ", StringComparison.Ordinal)) _profile = KernelProfile.Parse(line, 8);
            else if (line.StartsWith("end ", StringComparison.Ordinal)) ReadEnd(line);
            else if (_entries.Count > 0 || !_head.TryRead(line)) throw new TextFormatException(0, 1, "a step, '= …', '| …' or 'end …' was expected");
        }

        private void ReadBegin(string line)
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || line[..colon] != (_entries.Count + 1).ToString())
                throw new TextFormatException(0, 1, $"step {_entries.Count + 1} was expected");
            FlushLines();
            var step = ReadStep(line, colon + 2);
            if (program is not null && (_entries.Count >= program.Steps.Length || !step.Equals(program.Steps[_entries.Count])))
                throw new TextFormatException(0, colon + 3, $"this is not step {_entries.Count + 1} of the program that was sent");
            _entries.Add(new TraceEntry(step, null));
        }

        private Step ReadStep(string line, int start)
        {
            try
            {
                return ProgramText.ParseStep(_head.VocabularyOrThrow(), line[start..]);
            }
            catch (TextFormatException e)
            {
                throw e.After(start);
            }
        }

        private void ReadOutcome(string line)
        {
            if (_entries.Count == 0 || _entries[^1].Observation is not null)
                throw new TextFormatException(0, 1, "an outcome without its step");
            var space = line.IndexOf(' ', 3);
            var stamp = space < 0 ? line.AsSpan(3) : line.AsSpan(3, space - 3);
            var plus = stamp.IndexOf('+');
            if (plus < 0 || !TryReadTime(stamp[..plus], out var start) || !TryReadTime(stamp[(plus + 1)..], out var duration))
                throw new TextFormatException(0, 3, "'@START+DURATION' in microseconds was expected");
            var observation = new Observation
            {
                StartMicroseconds = start,
                DurationMicroseconds = duration,
                Fields = space < 0 ? [] : [.. ValueText.ParseFields(line, space)],
            };
            _entries[^1] = _entries[^1] with { Observation = observation };
        }

        private static bool TryReadTime(ReadOnlySpan<char> text, out long microseconds) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out microseconds) && microseconds <= LongestTime;

        private void ReadEnd(string line)
        {
            FlushLines();
            if (!Choices.TryParse(line[4..], out _end)) throw new TextFormatException(0, 5, $"unknown end '{line[4..]}'");
            _ended = true;
        }

        private void FlushLines()
        {
            if (_lines.Count == 0) return;
            if (_entries.Count == 0 || _entries[^1].Observation is not { } observation)
                throw new TextFormatException(0, 1, "'| ' lines must follow an outcome");
            _entries[^1] = _entries[^1] with { Observation = observation with { Lines = [.. _lines] } };
            _lines.Clear();
        }

        public Trace ToTrace(int lastLine)
        {
            if (!_ended) FlushLines();
            var entries = _entries.ToImmutable();
            return new Trace
            {
                Program = program ?? _head.ToProgram([.. entries.Select(e => e.Step)], lastLine),
                Profile = _profile ?? throw new TextFormatException(lastLine, 1, "'profile …' is missing"),
                Entries = entries,
                End = _end,
                EndLines = _ended ? [.. _lines] : [],
            };
        }
    }
}
