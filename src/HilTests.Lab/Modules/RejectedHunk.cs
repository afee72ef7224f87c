using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace HilTests.Lab.Modules;

/// <summary>A part of a patch that did not fit, from a file of git's with the ending <c>.rej</c>.</summary>
/// <param name="Head">Its first line, <c>@@ -10,6 +10,7 @@ function</c>.</param>
/// <param name="Start">The line of the file at which it should begin, counted from 1.</param>
/// <param name="Before">The lines that should be there.</param>
internal sealed partial record RejectedHunk(string Head, int Start, IReadOnlyList<string> Before)
{
    private const int MostShown = 12;

    /// <summary>The hunks of a file of rejects.</summary>
    public static IEnumerable<RejectedHunk> Read(IReadOnlyList<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            if (HunkHead().Match(lines[i]) is not { Success: true } head)
                continue;
            var before = lines.Skip(i + 1).TakeWhile(l => !l.StartsWith("@@ ", StringComparison.Ordinal)).Where(l => l.Length == 0 || l[0] is ' ' or '-').Select(l => l.Length == 0 ? "" : l[1..]).ToList();
            yield return new RejectedHunk(lines[i], int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture), before);
        }
    }

    /// <summary>Which hunk, what it expects, and what is there instead at the place that fits best.</summary>
    public string Explain(string file, IReadOnlyList<string> there)
    {
        var text = new StringBuilder($"  {file}: the hunk {Head} does not fit\n");
        if (there.Count == 0)
            return text.Append("    there is no such file\n").ToString();
        int place = BestPlace(there);
        int shown = 0;
        for (int i = 0; i < Before.Count && shown < MostShown; i++)
        {
            string own = place + i < there.Count ? there[place + i] : "(the end of the file)";
            if (Before[i] == own)
                continue;
            shown++;
            text.Append(CultureInfo.InvariantCulture, $"    line {place + i + 1}: the patch expects  {Before[i].Trim()}\n");
            text.Append(CultureInfo.InvariantCulture, $"    {new string(' ', $"line {place + i + 1}".Length)}  there is           {own.Trim()}\n");
        }
        return shown == 0 ? text.Append("    its lines are there, but not where it can be applied\n").ToString() : text.ToString();
    }

    /// <summary>Where most of its lines stand; of equal ones the nearest to where it should.</summary>
    private int BestPlace(IReadOnlyList<string> there) => Enumerable.Range(0, there.Count)
        .MaxBy(at => (Fits(there, at), -Math.Abs(at - (Start - 1))));

    private int Fits(IReadOnlyList<string> there, int at)
    {
        int fits = 0;
        for (int i = 0; i < Before.Count && at + i < there.Count; i++)
        {
            // Empty lines and brackets stand everywhere.
            if (Before[i] == there[at + i] && Before[i].Trim().Length > 1) fits++;
        }
        return fits;
    }

    [GeneratedRegex(@"^@@ -(\d+)")]
    private static partial Regex HunkHead();
}
