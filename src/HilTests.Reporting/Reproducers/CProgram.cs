using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Reporting.Reproducers;

/// <summary>
/// A program as one C file that needs nothing of this project: <c>gcc -o reproducer reproducer.c</c>, then run as root. It does the steps, prints what it
/// sees, and at the first wrong step what is allowed.
/// </summary>
public static class CProgram
{
    /// <summary>Writes the file.</summary>
    /// <param name="program">The program.</param>
    /// <param name="finding">What it shows.</param>
    /// <param name="writer">Gets the C.</param>
    /// <returns>The first step that cannot be said in C; then nothing was written. Null where all can.</returns>
    public static string? Write(Program program, Finding finding, TextWriter writer)
    {
        if (program.Device != "vhost-net") return $"steps of {program.Device}";
        var body = new List<string>();
        var wrong = finding.Counterexample is { } small ? Core.Shrinking.DivergenceClass.WrongStep(small.Judgement.Verdict) : finding.Step;
        for (var i = 0; i < program.Steps.Length; i++)
        {
            var line = ProgramText.PrintStep(program.Device, program.Steps[i]);
            body.Add($"\tstep({i + 1}, {Quoted(line)});");
            if (VhostNetC.Of(line) is not { } statements) return line;
            body.AddRange(statements.Select(s => "\t" + s));
            if (i + 1 == wrong)
                body.Add($"\tprintf(\"  ^ the first wrong step on the patched kernel\\n    allowed   %s\\n    seen there %s\\n\", {Quoted($"{finding.Field} = {finding.Allowed}")}, {Quoted($"{finding.Field} = {finding.Observed}")});");
        }
        writer.Write("// SPDX-License-Identifier: Apache-2.0\n");
        foreach (var said in (string[])[$"{finding.Rule.Id}: {finding.Rule.Text}", finding.Rule.Reference, "Build: gcc -O1 -o reproducer reproducer.c    Run as root, with the modules vhost_net and tun loaded."])
            writer.Write($"// {PrintableText.OneLine(said)}\n");
        writer.Write(VhostNetC.Prelude);
        writer.Write("\nint main(void)\n{\n\tsetup();\n");
        foreach (var statement in body) writer.Write(statement + "\n");
        writer.Write("\treturn 0;\n}\n");
        return null;
    }

    /// <summary>A C string literal.</summary>
    internal static string Quoted(string text) =>
        "\"" + string.Concat(PrintableText.OneLine(text).Select(c => c is '"' or '\\' ? $"\\{c}" : c is < ' ' or > '~' ? "?" : $"{c}")).Replace("??", "?\\?", StringComparison.Ordinal) + "\"";

    /// <summary>A step's name and arguments.</summary>
    internal static (string Name, Dictionary<string, Value> Arguments) Parse(string line)
    {
        var space = line.IndexOf(' ');
        return space < 0 ? (line, []) : (line[..space], ValueText.ParseFields(line[(space + 1)..]).ToDictionary(f => f.Name, f => f.Value));
    }
}
