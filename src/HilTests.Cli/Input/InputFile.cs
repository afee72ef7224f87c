using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Cli.Input;

/// <summary>Program and trace files that the user names.</summary>
internal static class InputFile
{
    /// <summary>No program or trace is nearly as long.</summary>
    private const long LongestBytes = 64 << 20;

    /// <summary>Reads a program.</summary>
    /// <exception cref="UsageException">it cannot be read; with file, line and column</exception>
    public static Program ReadProgram(string path) => Parse(path, ReadText(path), ProgramText.Parse);

    /// <summary>Reads a trace.</summary>
    /// <exception cref="UsageException">it cannot be read; with file, line and column</exception>
    public static Trace ReadTrace(string path) => Parse(path, ReadText(path), text => TraceText.Parse(text));

    /// <summary>Whether the file is a trace rather than a program.</summary>
    /// <exception cref="UsageException">it cannot be read</exception>
    public static bool IsTrace(string path) => ReadText(path).StartsWith("hil-trace", StringComparison.Ordinal);

    private static T Parse<T>(string path, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (TextFormatException e)
        {
            throw new UsageException(SyntaxErrorText.Describe(path, text, e), e);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LongestBytes } file)
                throw new UsageException($"{path}: {file.Length} bytes are too many for a program or trace");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}", e);
        }
    }
}
