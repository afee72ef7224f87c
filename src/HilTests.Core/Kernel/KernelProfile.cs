using System.Collections.Immutable;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Kernel;

/// <summary>
/// What a kernel was found to be, by probing the running one: facts by name. Models read it instead of comparing
/// version numbers. Text form: one line of <c>name=value</c> pairs.
/// </summary>
public sealed record KernelProfile
{
    /// <summary>More ticks a second than any kernel has (1200 on Alpha).</summary>
    private const int MostHz = 10_000;

    /// <summary>Every fact, by name.</summary>
    public required ImmutableSortedDictionary<string, Value> Facts { get; init; }

    /// <summary><c>uname -r</c>.</summary>
    public string Release => Word("release");

    /// <summary>Ticks a second, measured.</summary>
    /// <exception cref="ProfileException">when it is not there or cannot be</exception>
    public int Hz => Number("hz") is >= 1 and <= MostHz and var hz
        ? (int)hz
        : throw new ProfileException($"the kernel profile says hz={Number("hz")}, which is not from 1 to {MostHz}");

    /// <summary>The fact, or null where the kernel could not be asked.</summary>
    public Value? this[string name] => Facts.GetValueOrDefault(name);

    /// <summary>A number.</summary>
    /// <exception cref="ProfileException">when the fact is not there: the agent is older than the model</exception>
    public long Number(string name) => this[name] is NumberValue number ? number.Number : throw Missing(name);

    /// <summary>A number, or <paramref name="missing"/> where the fact is not there.</summary>
    public long Number(string name, long missing) => this[name] is NumberValue number ? number.Number : missing;

    /// <summary>A word or text.</summary>
    public string Word(string name) => this[name] switch
    {
        SymbolValue symbol => symbol.Word,
        TextValue text => text.Content,
        _ => throw Missing(name),
    };

    /// <summary>
    /// What the program is about and this kernel was found not to have, in words; null where it has all of it. What could not be
    /// asked counts as there.
    /// </summary>
    public string? Lacks(Program program)
    {
        var lacking = program.Needs.Prepend(program.Device).Where(need => this[need] is SymbolValue { Word: "no" }).ToList();
        return lacking.Count == 0 ? null : $"kernel {this["release"] switch { TextValue text => text.Content, _ => "" }} has no {string.Join(", ", lacking)}";
    }

    /// <summary>Makes a profile of the given facts.</summary>
    public static KernelProfile Of(params ReadOnlySpan<(string Name, Value Value)> facts)
    {
        var table = ImmutableSortedDictionary.CreateBuilder<string, Value>(StringComparer.Ordinal);
        foreach (var (name, value) in facts) table[name] = value;
        return new KernelProfile { Facts = table.ToImmutable() };
    }

    /// <summary>Reads the text form, which fills the text from <paramref name="start"/> on.</summary>
    public static KernelProfile Parse(string text, int start = 0) => Of([.. ValueText.ParseFields(text, start)]);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new System.Text.StringBuilder();
        ValueText.AppendFields(text, Facts.Select(f => (f.Key, f.Value)));
        return text.ToString();
    }

    /// <inheritdoc/>
    public bool Equals(KernelProfile? other) => other is not null && Facts.SequenceEqual(other.Facts);

    /// <inheritdoc/>
    public override int GetHashCode() => Facts.Count;

    private static ProfileException Missing(string name) =>
        new($"the kernel profile has no fact '{name}': was it probed by an older agent?");
}
