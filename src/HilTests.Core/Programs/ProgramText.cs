using System.Collections.Immutable;
using System.Text;
using HilTests.Core.Devices;
using HilTests.Core.Values;

namespace HilTests.Core.Programs;

/// <summary>
/// The text form of programs, version 1:
/// <code>
/// hil-program 1
/// name tx-basic
/// device vhost-net
/// # a comment
/// open
/// set-vring-num ring=1 num=256
/// </code>
/// <c>seed N</c>, <c>needs FACT…</c> and <c>about "…"</c> may stand in the head. Comments are not kept.
/// </summary>
public static class ProgramText
{
    /// <summary>The format version this build reads and writes.</summary>
    public const int Version = 1;

    private const string Magic = "hil-program";

    /// <summary>The program as text, ending in a newline.</summary>
    public static string Print(Program program)
    {
        var text = new StringBuilder();
        text.Append(Magic).Append(' ').Append(Version).Append('\n');
        AppendHead(text, program);
        var vocabulary = DeviceRegistry.Get(program.Device);
        foreach (var step in program.Steps)
        {
            vocabulary.SyntaxOf(step).Append(text, step);
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>One step as text.</summary>
    public static string PrintStep(string device, Step step)
    {
        var text = new StringBuilder();
        DeviceRegistry.Get(device).SyntaxOf(step).Append(text, step);
        return text.ToString();
    }

    internal static void AppendHead(StringBuilder text, Program program)
    {
        text.Append("name ").Append(program.Name).Append('\n');
        text.Append("device ").Append(program.Device).Append('\n');
        if (program.Seed is { } seed) text.Append("seed ").Append(seed).Append('\n');
        if (!program.Needs.IsEmpty) text.Append("needs ").AppendJoin(' ', program.Needs).Append('\n');
        if (program.About is { } about) text.Append("about ").Append(Value.Text(about)).Append('\n');
    }

    /// <summary>Reads a program.</summary>
    /// <exception cref="TextFormatException">with line and column</exception>
    public static Program Parse(string text)
    {
        var head = new ProgramHead();
        var steps = ImmutableArray.CreateBuilder<Step>();
        var number = 0;
        var sawMagic = false;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            if (line.Length == 0 || line[0] == '#') continue;
            try
            {
                if (!sawMagic)
                {
                    ExpectMagic(line, Magic, Version);
                    sawMagic = true;
                }
                else if (steps.Count > 0 || !head.TryRead(line))
                {
                    steps.Add(ParseStep(head.VocabularyOrThrow(), line));
                }
            }
            catch (TextFormatException e) when (e.Line == 0)
            {
                throw e.AtLine(number);
            }
        }
        if (!sawMagic) throw new TextFormatException(1, 1, $"'{Magic} {Version}' was expected; the text is empty");
        return head.ToProgram(steps.ToImmutable(), number);
    }

    /// <summary>The lines of the steps in a text that <see cref="Parse"/> could read, in order, as they stand there.</summary>
    /// <param name="text">the whole text</param>
    /// <param name="steps">how many steps it has</param>
    public static IReadOnlyList<string> StepLines(string text, int steps) =>
    [
        .. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').TakeLast(steps),
    ];

    /// <summary>Reads one step's line.</summary>
    public static Step ParseStep(DeviceVocabulary vocabulary, string line)
    {
        var indent = line.Length - line.TrimStart().Length;
        var end = line.IndexOf(' ', indent);
        var name = end < 0 ? line[indent..] : line[indent..end];
        var syntax = vocabulary.Find(name) ?? throw new TextFormatException(0, indent + 1, UnknownStep(vocabulary, name));
        var arguments = new StepArguments(name, end < 0 ? [] : ValueText.ParseFields(line, end));
        var step = syntax.Read(arguments);
        arguments.ExpectAllUsed();
        return step;
    }

    internal static void ExpectMagic(string line, string magic, int version)
    {
        var words = line.Split(' ');
        if (words.Length != 2 || words[0] != magic)
            throw new TextFormatException(0, 1, $"'{magic} {version}' was expected in the first line");
        if (words[1] != version.ToString())
            throw new TextFormatException(0, magic.Length + 2, $"this is version '{words[1]}' of the {magic} format; this build reads version {version}");
    }

    private static string UnknownStep(DeviceVocabulary vocabulary, string name)
    {
        var near = Spelling.Near(name, vocabulary.Steps.Select(s => s.Name));
        var hint = near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "";
        return $"{vocabulary.Device} has no step '{name}'{hint}";
    }
}
