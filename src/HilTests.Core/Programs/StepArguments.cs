using HilTests.Core.Values;

namespace HilTests.Core.Programs;

/// <summary>The arguments of one step's line while it is read; each is asked for by name and must be used up.</summary>
public sealed class StepArguments
{
    private readonly List<(string Name, Value Value)> _fields;
    private readonly HashSet<string> _used = [];
    private readonly string _step;

    internal StepArguments(string step, List<(string Name, Value Value)> fields)
    {
        _step = step;
        _fields = fields;
    }

    /// <summary>The named argument, or null where the line does not give it.</summary>
    public Value? Optional(string name)
    {
        _used.Add(name);
        foreach (var (fieldName, value) in _fields)
            if (fieldName == name) return value;
        return null;
    }

    /// <summary>The named argument.</summary>
    /// <exception cref="TextFormatException">when the line does not give it</exception>
    public Value Required(string name) =>
        Optional(name) ?? throw Wrong($"'{_step}' needs {name}=…");

    /// <summary>A number in [<paramref name="lowest"/>, <paramref name="highest"/>].</summary>
    public long Number(string name, long lowest = long.MinValue, long highest = long.MaxValue, long? missing = null)
    {
        var value = Optional(name);
        if (value is null && missing is { } standard) return standard;
        if ((value ?? Required(name)) is not NumberValue { Number: var number })
            throw Wrong($"{name} must be a number, not {value}");
        return number >= lowest && number <= highest
            ? number
            : throw Wrong($"{name}={value} is outside {lowest}..{highest}");
    }

    /// <summary>A number that fits in an int.</summary>
    public int Int(string name, int lowest = int.MinValue, int highest = int.MaxValue, int? missing = null) =>
        (int)Number(name, lowest, highest, missing);

    /// <summary>An unsigned 32-bit number.</summary>
    public uint UInt(string name, uint? missing = null) => (uint)Number(name, 0, uint.MaxValue, missing);

    /// <summary>An unsigned 64-bit number, by its bit pattern.</summary>
    public ulong ULong(string name, ulong? missing = null) =>
        unchecked((ulong)Number(name, missing: missing is { } standard ? unchecked((long)standard) : null));

    /// <summary>A word or string.</summary>
    public string Word(string name, string? missing = null) => (Optional(name), missing) switch
    {
        (SymbolValue symbol, _) => symbol.Word,
        (TextValue text, _) => text.Content,
        (null, { } standard) => standard,
        (null, null) => throw Wrong($"'{_step}' needs {name}=…"),
        ({ } other, _) => throw Wrong($"{name} must be a word, not {other}"),
    };

    /// <summary>A word out of an enumeration: <c>TapNoHeader</c> is written <c>tap-no-header</c>.</summary>
    public T Choice<T>(string name, T? missing = null)
        where T : struct, Enum
    {
        if (Optional(name) is null && missing is { } standard) return standard;
        var word = Word(name);
        return Choices.TryParse<T>(word, out var choice)
            ? choice
            : throw Wrong($"{name} must be one of {string.Join(", ", Choices.Words<T>())}, not '{word}'");
    }

    /// <summary>A flag: <c>yes</c> or <c>no</c>; missing is no.</summary>
    public bool Flag(string name) => Word(name, "no") switch
    {
        "yes" => true,
        "no" => false,
        var other => throw Wrong($"{name} must be yes or no, not '{other}'"),
    };

    /// <summary>A list; missing is empty.</summary>
    public IReadOnlyList<Value> List(string name) => Optional(name) switch
    {
        null => [],
        ListValue list => list.Items,
        var other => throw Wrong($"{name} must be a list in brackets, not {other}"),
    };

    /// <summary>Makes the error for an argument that cannot be.</summary>
    public static TextFormatException Wrong(string complaint) => new(0, 1, complaint);

    internal void ExpectAllUsed()
    {
        foreach (var (name, _) in _fields)
            if (!_used.Contains(name)) throw Wrong($"'{_step}' has no argument '{name}'; it has {string.Join(", ", _used)}");
    }
}
