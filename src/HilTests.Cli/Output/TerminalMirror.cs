using System.Text;
using HilTests.Reporting;

namespace HilTests.Cli.Output;

/// <summary>Passes a guest's console on to a terminal, without what would command the terminal.</summary>
internal sealed class TerminalMirror(TextWriter terminal) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => terminal.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => terminal.Write(PrintableText.Lines(value.ToString()));

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        if (value is not null) terminal.Write(PrintableText.Lines(value));
    }

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override Task WriteAsync(string? value) => terminal.WriteAsync(value is null ? null : PrintableText.Lines(value));

    /// <inheritdoc/>
    public override void Flush() => terminal.Flush();

    /// <inheritdoc/>
    public override Task FlushAsync() => terminal.FlushAsync();
}
