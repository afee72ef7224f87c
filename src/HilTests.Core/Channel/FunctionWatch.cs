using System.Collections.Immutable;
using System.Globalization;

namespace HilTests.Core.Channel;

/// <summary>A function of a module that is watched: whether it is called, and how often.</summary>
/// <param name="Module">As the kernel names it (<c>vhost_net</c>).</param>
/// <param name="Symbol">As the module's symbol table has it, with what the compiler put behind the name (<c>handle_tx.isra.0</c>).</param>
public sealed record WatchedFunction(string Module, string Symbol)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Module}:{Symbol}";
}

/// <summary>
/// The text of a <see cref="FrameKind.Probe"/> frame that watches functions: <c>watch</c> and the functions, <c>MODULE:SYMBOL</c>, a space between
/// (none: nothing is watched any more, which must be before modules are swapped); or <c>watched</c>, which asks for the counts. The answer
/// to both has a line <c>MODULE:SYMBOL COUNT</c> for each, with a minus in place of the count where the kernel refuses to watch it.
/// </summary>
public static class FunctionWatch
{
    /// <summary>How many functions can be watched at once.</summary>
    public const int Most = 64;

    /// <summary>Asks for the counts.</summary>
    public const string CountRequest = "watched";

    private const string Word = "watch";

    /// <summary>The request that watches these functions and no others.</summary>
    public static string Request(IEnumerable<WatchedFunction> functions) => string.Join(' ', functions.Take(Most).Select(f => f.ToString()).Prepend(Word));

    /// <summary>Reads a request to watch.</summary>
    public static bool TryParseRequest(string text, out ImmutableArray<WatchedFunction> functions)
    {
        functions = [];
        var words = text.Split(' ');
        if (words[0] != Word || words.Length - 1 > Most) return false;
        var named = words.Skip(1).Select(w => w.Split(':')).ToList();
        if (named.Any(n => n.Length != 2 || !n.All(IsName))) return false;
        functions = [.. named.Select(n => new WatchedFunction(n[0], n[1]))];
        return true;
    }

    /// <summary>The answer; a function without a count is one that cannot be watched.</summary>
    public static string Answer(IEnumerable<(WatchedFunction Function, long? Count)> counts) =>
        string.Concat(counts.Select(c => $"{c.Function} {c.Count?.ToString(CultureInfo.InvariantCulture) ?? "-"}\n"));

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ChannelException">It is none.</exception>
    public static ImmutableArray<(WatchedFunction Function, long? Count)> ParseAnswer(string text)
    {
        var counts = ImmutableArray.CreateBuilder<(WatchedFunction, long?)>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not [var name, var count] || name.Split(':') is not [var module, var symbol])
                throw new ChannelException($"'{(line.Length > 100 ? line[..100] : line)}' is no count of a watched function");
            counts.Add((new WatchedFunction(module, symbol), long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null));
        }
        return counts.ToImmutable();
    }

    private static bool IsName(string name) => name.Length is > 0 and < 128 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');
}
