using System.Text;

namespace HilTests.Core.Predictions;

/// <summary>
/// A value's text for people and reports. A kernel that goes wrong may give a field thousands of entries: they are all in the trace, and
/// a report that repeats them with every claim cannot be read.
/// </summary>
public static class BoundedText
{
    /// <summary>Characters of the longest text that is shown whole.</summary>
    public const int Most = 4000;

    private const int Head = 3000;
    private const int Tail = 500;

    /// <summary>The text, or its start and its end with its length and its digest between them, so that two that differ stay different.</summary>
    public static string Of(string text) => text.Length <= Most
        ? text
        : $"{text.AsSpan(0, Head)} … ({text.Length} characters, digest 0x{ContentDigest.Of(Encoding.UTF8.GetBytes(text)):x16}; the trace has all) … {text.AsSpan(text.Length - Tail)}";
}
