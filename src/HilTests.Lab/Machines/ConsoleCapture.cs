using System.Text;

namespace HilTests.Lab.Machines;

/// <summary>Keeps what the kernel writes to its console: the first and the last part of it when there is very much.</summary>
internal sealed class ConsoleCapture(TextWriter? mirror, Action<string> onLine)
{
    private const int KeepChars = 4 << 20;

    /// <summary>A line without an end is looked at in pieces of this length; the kernel's own lines are shorter (LOG_LINE_MAX).</summary>
    internal const int LongestLine = 8192;

    private const string Cut = "\n[… console cut here …]\n";

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _line = new();

    public string Text
    {
        get
        {
            lock (_lock)
                return _text.ToString();
        }
    }

    /// <summary>Puts in front what was said before this machine was copied; nobody is told of it again.</summary>
    public void Begin(string earlier) => Keep(earlier);

    /// <summary>Reads to the end of the stream.</summary>
    public async Task ReadAsync(StreamReader console)
    {
        char[] buffer = new char[4096];
        int n;
        while ((n = await console.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            Add(new string(buffer, 0, n).Replace("\r", "", StringComparison.Ordinal));
        }
    }

    /// <summary>Takes what comes next. Callers take turns.</summary>
    public void Add(string piece)
    {
        Keep(piece);
        mirror?.Write(piece);
        mirror?.Flush();
        SplitLines(piece);
    }

    private void Keep(string piece)
    {
        lock (_lock)
        {
            _text.Append(piece);
            if (_text.Length > KeepChars)
            {
                _text.Remove(KeepChars / 4, KeepChars / 2);
                _text.Insert(KeepChars / 4, Cut);
            }
        }
    }

    private void SplitLines(string piece)
    {
        foreach (char c in piece)
        {
            if (c != '\n')
                _line.Append(c);
            if (c != '\n' && _line.Length < LongestLine)
                continue;
            onLine(_line.ToString());
            _line.Clear();
        }
    }
}
