using System.Globalization;
using System.Text.RegularExpressions;

namespace HilTests.Lab.Diagnosis;

/// <summary>One line of a call trace, or an instruction pointer: <c>handle_tx+0x12/0x340 [vhost_net]</c>.</summary>
/// <param name="Symbol">The function as printed, with a suffix such as <c>.constprop.0</c>.</param>
/// <param name="Offset">Bytes into the function.</param>
/// <param name="Size">The function's length in bytes.</param>
/// <param name="Module">The module it is in; null for the kernel itself.</param>
/// <param name="IsGuess">The kernel marked it with <c>?</c>: found on the stack, perhaps stale.</param>
public sealed partial record StackFrame(string Symbol, ulong Offset, ulong Size, string? Module, bool IsGuess)
{
    /// <summary>The function without what the compiler added to its name.</summary>
    public string Function => Suffix().Replace(Symbol, "");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsGuess ? "? " : "")}{Symbol}+0x{Offset:x}/0x{Size:x}{(Module is null ? "" : $" [{Module}]")}");

    /// <summary>Reads the first frame that stands in a text; null where there is none.</summary>
    internal static StackFrame? In(string text)
    {
        var match = Location().Match(text);
        return match.Success
            && ulong.TryParse(match.Groups["offset"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong offset)
            && ulong.TryParse(match.Groups["size"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong size)
                ? new StackFrame(match.Groups["symbol"].Value, offset, size, match.Groups["module"] is { Success: true } module ? module.Value : null,
                    match.Groups["guess"].Success)
                : null;
    }

    /// <summary>Reads a line of a call trace, which holds a frame and nothing else; null for any other line.</summary>
    internal static StackFrame? OfTraceLine(string text) => TraceLine().IsMatch(text) ? In(text) : null;

    private const string Place = @"(?<guess>\? )?(?<symbol>[A-Za-z_$][\w.$]{0,200})\+0x(?<offset>[0-9a-f]{1,16})/0x(?<size>[0-9a-f]{1,16})(?: \[(?<module>[\w-]{1,60})(?: [0-9a-f]{8,64})?\])?";

    [GeneratedRegex(Place)]
    private static partial Regex Location();

    // Older kernels print the address first: [<ffffffff81234567>] or, without symbols for it, a bare number.
    [GeneratedRegex(@"^\s{0,8}(?:\[<[0-9a-f]{0,16}>\]\s{0,4})?(?:\? )?[A-Za-z_$][\w.$]{0,200}\+0x[0-9a-f]{1,16}/0x[0-9a-f]{1,16}(?:\s|$)")]
    private static partial Regex TraceLine();

    [GeneratedRegex(@"(?:\.(?:isra|constprop|part|cold|llvm)(?:\.\d+)*)+$")]
    private static partial Regex Suffix();
}
