namespace HilTests.Core.Values;

/// <summary>A program, trace or value text that cannot be read: says the line, the column and what was expected there.</summary>
public sealed class TextFormatException : FormatException
{
    /// <summary>1-based line in the text, or 0 where the text has one line only.</summary>
    public int Line { get; }

    /// <summary>1-based column in the line.</summary>
    public int Column { get; }

    /// <summary>The complaint without the position.</summary>
    public string Complaint { get; }

    public TextFormatException(int line, int column, string complaint)
        : base(line > 0 ? $"line {line}, column {column}: {complaint}" : $"column {column}: {complaint}")
    {
        Line = line;
        Column = column;
        Complaint = complaint;
    }

    /// <summary>The same complaint about a text that begins <paramref name="columns"/> columns into its line.</summary>
    public TextFormatException After(int columns) => new(Line, Column + columns, Complaint);

    /// <summary>The same complaint, placed in line <paramref name="line"/>.</summary>
    public TextFormatException AtLine(int line) => new(line, Column, Complaint);
}
