using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace HilTests.Core.Values;

/// <summary>A cursor over one line that reads values; see <see cref="ValueText"/>.</summary>
internal ref struct ValueReader(string text, int start)
{
    private const int DeepestNesting = 32;
    private const int FewFields = 16;
    private int _position = start;
    private int _depth;

    public static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '/' or '_';

    public static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '+' or '*';

    public void SkipSpaces()
    {
        while (_position < text.Length && text[_position] == ' ') _position++;
    }

    public readonly void ExpectEnd()
    {
        if (_position < text.Length) throw Unexpected("the end of the line");
    }

    public List<(string Name, Value Value)> ReadFields()
    {
        var fields = new List<(string, Value)>();
        HashSet<string>? names = null;
        while (true)
        {
            SkipSpaces();
            if (_position >= text.Length || text[_position] == '}') return fields;
            var nameStart = _position;
            var name = ReadWord("a field name");
            if (_position >= text.Length || text[_position] != '=') throw Unexpected($"'=' after '{name}'");
            if (IsTaken(name, fields, ref names)) throw new TextFormatException(0, nameStart + 1, $"'{name}' is given twice");
            _position++;
            fields.Add((name, ReadValue()));
        }
    }

    /// <summary>Few names are compared one by one; many need a set, or a hostile line would take the square of its length.</summary>
    private static bool IsTaken(string name, List<(string Name, Value Value)> fields, ref HashSet<string>? names)
    {
        if (fields.Count >= FewFields)
        {
            names ??= [.. fields.Select(f => f.Name)];
            return !names.Add(name);
        }
        foreach (var (earlier, _) in fields)
            if (earlier == name) return true;
        return false;
    }

    public Value ReadValue()
    {
        if (_position >= text.Length) throw Unexpected("a value");
        var c = text[_position];
        if (c == 'h' && _position + 1 < text.Length && text[_position + 1] == '\'') return ReadBytes();
        if (c == '-' || char.IsAsciiDigit(c)) return ReadNumber();
        return c switch
        {
            '"' => ReadText(),
            '[' => Nested(static (ref reader) => reader.ReadList()),
            '{' => Nested(static (ref reader) => reader.ReadRecord()),
            _ => Value.Symbol(ReadWord("a value")),
        };
    }

    private delegate Value NestedReader(ref ValueReader reader);

    private Value Nested(NestedReader read)
    {
        if (++_depth > DeepestNesting) throw new TextFormatException(0, _position + 1, $"values are nested more than {DeepestNesting} deep");
        var value = read(ref this);
        _depth--;
        return value;
    }

    private string ReadWord(string expected)
    {
        var begin = _position;
        if (begin >= text.Length || !IsWordStart(text[begin])) throw Unexpected(expected);
        while (_position < text.Length && IsWordPart(text[_position])) _position++;
        return text[begin.._position];
    }

    private NumberValue ReadNumber()
    {
        var begin = _position;
        if (text[_position] == '-') _position++;
        while (_position < text.Length && char.IsAsciiLetterOrDigit(text[_position])) _position++;
        var word = text.AsSpan(begin, _position - begin);
        if (word.StartsWith("0x") && ulong.TryParse(word[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            return new NumberValue(unchecked((long)hex)) { PrintHex = true };
        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return new NumberValue(number);
        throw new TextFormatException(0, begin + 1, $"'{word}' is not a 64-bit number");
    }

    private BytesValue ReadBytes()
    {
        var begin = _position + 2;
        var end = text.IndexOf('\'', begin);
        if (end < 0) throw new TextFormatException(0, _position + 1, "h' without its closing '");
        _position = end + 1;
        try
        {
            return new BytesValue(ImmutableArray.Create(Convert.FromHexString(text.AsSpan(begin, end - begin))));
        }
        catch (FormatException)
        {
            throw new TextFormatException(0, begin + 1, "an even number of hexadecimal digits was expected between h' and '");
        }
    }

    private TextValue ReadText()
    {
        var begin = _position++;
        var content = new StringBuilder();
        while (_position < text.Length)
        {
            var c = text[_position++];
            if (c == '"') return new TextValue(content.ToString());
            content.Append(c == '\\' ? ReadEscape() : c);
        }
        throw new TextFormatException(0, begin + 1, "a string without its closing '\"'");
    }

    private char ReadEscape()
    {
        if (_position < text.Length)
        {
            var c = text[_position++];
            if (c is '"' or '\\') return c;
            if (c == 'n') return '\n';
            if (c == 'u' && _position + 4 <= text.Length
                && ushort.TryParse(text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                _position += 4;
                return (char)code;
            }
        }
        throw new TextFormatException(0, _position, "after '\\' one of \" \\ n uXXXX was expected");
    }

    private ListValue ReadList()
    {
        _position++;
        var items = ImmutableArray.CreateBuilder<Value>();
        while (true)
        {
            SkipSpaces();
            if (_position < text.Length && text[_position] == ']')
            {
                _position++;
                return new ListValue(items.ToImmutable());
            }
            if (_position >= text.Length) throw Unexpected("']' or a value");
            items.Add(ReadValue());
        }
    }

    private RecordValue ReadRecord()
    {
        _position++;
        var fields = ReadFields();
        if (_position >= text.Length) throw Unexpected("'}'");
        _position++;
        return new RecordValue([.. fields]);
    }

    private readonly TextFormatException Unexpected(string expected)
    {
        var found = _position < text.Length ? $"'{text[_position]}'" : "the end of the line";
        return new TextFormatException(0, _position + 1, $"{expected} was expected, not {found}");
    }
}
