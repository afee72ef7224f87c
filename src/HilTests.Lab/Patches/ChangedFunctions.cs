using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using HilTests.Lab.Mutation;

namespace HilTests.Lab.Patches;

/// <summary>A function that a patch changes, makes or removes.</summary>
/// <param name="File">Below the kernel's root.</param>
/// <param name="Name">Its name.</param>
public sealed record ChangedFunction(string File, string Name);

/// <summary>What of a patch lies in which function.</summary>
/// <param name="Functions">In the order in which the patch has them.</param>
/// <param name="Outside">Files in which something outside of functions is changed: a structure, a macro, a table.</param>
public sealed partial record ChangedFunctions(ImmutableArray<ChangedFunction> Functions, ImmutableArray<string> Outside)
{
    /// <summary>Looks up the changed lines in the sources before the patches. Changes of comments and empty lines alone do not count.</summary>
    /// <param name="series">The patches.</param>
    /// <param name="sources">The kernel's root.</param>
    public static ChangedFunctions Of(PatchSeries series, string sources)
    {
        var functions = new List<ChangedFunction>();
        var outside = new List<string>();
        foreach (var patch in series.Patches)
        {
            foreach (var (file, before, head) in Places(patch.Diff))
            {
                string path = Path.Combine(sources, file);
                if (!IsSource(file)) continue;
                // A place of a later patch is one in what the earlier ones left; its head names the function all the same.
                string? name = (series.Patches.Length == 1 && File.Exists(path) ? FunctionAt(file, path, before) : null) ?? head;
                if (name is not null) functions.Add(new ChangedFunction(file, name));
                else outside.Add(file);
            }
        }
        return new ChangedFunctions([.. functions.Distinct()], [.. outside.Distinct()]);
    }

    private static bool IsSource(string file) => file.EndsWith(".c", StringComparison.Ordinal) || file.EndsWith(".h", StringComparison.Ordinal);

    /// <summary>Each changed place: its file, its line before the patch, and the function that the hunk's head or an added line names.</summary>
    private static IEnumerable<(string File, int Line, string? Head)> Places(string diff)
    {
        string file = "";
        string? head = null;
        int line = 0;
        bool inHunk = false;
        int at = 0;
        foreach (string text in diff.Split('\n'))
        {
            if (text.StartsWith("+++ ", StringComparison.Ordinal) && !inHunk)
                file = Name(text[4..]) ?? file;
            else if (text.StartsWith("--- ", StringComparison.Ordinal) && !inHunk)
                file = Name(text[4..]) ?? file;
            else if (HunkHead().Match(text) is { Success: true } hunk)
            {
                (inHunk, line) = (true, int.Parse(hunk.Groups["start"].ValueSpan, CultureInfo.InvariantCulture));
                at = 0;
                head = Definition().Match(hunk.Groups["function"].Value) is { Success: true } named ? named.Groups[1].Value : null;
            }
            else if (inHunk && text.Length > 0 && text[0] is ' ' or '+' or '-' or '\\')
            {
                at++;
                if (text[0] is ' ' or '+' && Definition().Match(text[1..]) is { Success: true } begun && !text.EndsWith(';')) head = begun.Groups[1].Value;
                if (text[0] is '+' or '-' && HasCode(text[1..])) yield return (file, line, head);
                if (text[0] is ' ' or '-') line++;
            }
            else if (text.StartsWith("diff ", StringComparison.Ordinal) || (inHunk && text.Length > 0))
            {
                (inHunk, head) = (false, null);
            }
            else if (inHunk)
            {
                line++; // An empty line whose space a mail program took.
            }
        }
    }

    private static bool HasCode(string text)
    {
        string bare = text.Trim();
        return bare.Length > 0 && !bare.StartsWith("/*", StringComparison.Ordinal) && !bare.StartsWith("* ", StringComparison.Ordinal) && bare is not ("*" or "*/") && !bare.StartsWith("//", StringComparison.Ordinal);
    }

    private static string? Name(string text)
    {
        string name = text.Split('\t')[0].Trim();
        return name == "/dev/null" ? null : name.Length > 2 && name[1] == '/' ? name[2..] : name;
    }

    private static string? FunctionAt(string file, string path, int line)
    {
        try
        {
            var source = CSource.Parse(file, System.IO.File.ReadAllText(path));
            // The name stands some lines above the opening brace.
            return source.Functions.FirstOrDefault(f => source.Tokens[f.First - 1].Line - 3 <= line && line <= source.Tokens[f.End].Line)?.Name;
        }
        catch (FormatException)
        {
            return null; // No C that could be taken apart: the patch's own words have to do.
        }
    }

    [GeneratedRegex(@"^@@ -(?<start>\d+)(?:,\d+)? \+\d+(?:,\d+)? @@ ?(?<function>.*)$")]
    private static partial Regex HunkHead();

    [GeneratedRegex(@"^(?:[a-z_][\w\s\*]*?[\s\*])(\w+)\s*\([^;]*$")]
    private static partial Regex Definition();
}
