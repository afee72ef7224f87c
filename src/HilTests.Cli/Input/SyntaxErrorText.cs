using System.Text;
using HilTests.Core.Values;

namespace HilTests.Cli.Input;

/// <summary>Shows where a text file is wrong, the way compilers do.</summary>
internal static class SyntaxErrorText
{
    /// <summary>
    /// Three lines: <c>FILE:LINE:COLUMN: complaint</c>, the line itself, and a caret under the column. Tabs stay tabs, so
    /// that the caret stands right; other control characters are shown as <c>?</c>.
    /// </summary>
    public static string Describe(string file, string text, TextFormatException error)
    {
        var number = Math.Max(1, error.Line);
        var lines = text.Split('\n');
        var line = number <= lines.Length ? lines[number - 1].TrimEnd('\r') : "";
        var column = Math.Clamp(error.Column, 1, line.Length + 1);
        var shown = new StringBuilder();
        var under = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            var isTab = line[i] == '\t';
            shown.Append(!isTab && char.IsControl(line[i]) ? '?' : line[i]);
            if (i < column - 1) under.Append(isTab ? '\t' : ' ');
        }
        return $"{file}:{number}:{column}: {error.Complaint}\n    {shown}\n    {under}^";
    }
}
