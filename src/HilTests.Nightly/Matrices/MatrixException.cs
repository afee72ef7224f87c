using System.Collections.Immutable;
using System.Text;

namespace HilTests.Nightly.Matrices;

/// <summary>One mistake in a matrix file.</summary>
/// <param name="Place">Where.</param>
/// <param name="Words">What is wrong and what was meant.</param>
public sealed record MatrixMistake(Place Place, string Words);

/// <summary>A matrix file is wrong: every mistake that was found, each with line, column and the line itself.</summary>
public sealed class MatrixException : Exception
{
    public MatrixException(string file, string text, IEnumerable<MatrixMistake> mistakes)
        : this(file, text, [.. mistakes.OrderBy(m => m.Place.Line).ThenBy(m => m.Place.Column)]) { }

    private MatrixException(string file, string text, ImmutableArray<MatrixMistake> mistakes) : base(Describe(file, text, mistakes)) => Mistakes = mistakes;

    public MatrixException(string message) : base(message) { }

    public MatrixException(string message, Exception inner) : base(message, inner) { }

    public MatrixException() : base("the matrix file is wrong") { }

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<MatrixMistake> Mistakes { get; } = [];

    private static string Describe(string file, string text, ImmutableArray<MatrixMistake> mistakes)
    {
        var lines = text.Split('\n');
        var words = new StringBuilder();
        foreach (var mistake in mistakes)
        {
            var line = mistake.Place.Line <= lines.Length && mistake.Place.Line > 0 ? lines[mistake.Place.Line - 1].TrimEnd('\r') : "";
            var column = Math.Clamp(mistake.Place.Column, 1, line.Length + 1);
            if (words.Length > 0) words.Append('\n');
            words.Append($"{file}:{mistake.Place.Line}:{mistake.Place.Column}: {mistake.Words}\n");
            words.Append($"    {Shown(line)}\n    {string.Concat(line[..(column - 1)].Select(c => c == '\t' ? '\t' : ' '))}^");
        }
        return words.ToString();
    }

    private static string Shown(string line) => string.Concat(line.Select(c => c != '\t' && char.IsControl(c) ? '?' : c));
}
