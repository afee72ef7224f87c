using System.Globalization;
using System.Text;

namespace HilTests.Core.Values;

/// <summary>Prints and reads values and <c>name=value</c> lists; what is printed reads back equal.</summary>
public static class ValueText
{
    /// <summary>The value's text form, on one line.</summary>
    public static string Print(Value value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    /// <summary>Appends <c>name=value</c> pairs separated by one space.</summary>
    public static void AppendFields(StringBuilder text, IEnumerable<(string Name, Value Value)> fields)
    {
        var first = true;
        foreach (var (name, value) in fields)
        {
            if (!first) text.Append(' ');
            first = false;
            text.Append(name).Append('=');
            Append(text, value);
        }
    }

    /// <summary>Appends the value's text form.</summary>
    public static void Append(StringBuilder text, Value value)
    {
        switch (value)
        {
            case NumberValue { PrintHex: true } number:
                text.Append("0x").Append(number.Number.ToString("x", CultureInfo.InvariantCulture));
                break;
            case NumberValue number:
                text.Append(number.Number);
                break;
            case SymbolValue symbol:
                text.Append(symbol.Word);
                break;
            case TextValue plain:
                AppendQuoted(text, plain.Content);
                break;
            case BytesValue bytes:
                text.Append("h'").Append(Convert.ToHexStringLower(bytes.Content.AsSpan())).Append('\'');
                break;
            case ListValue list:
                AppendList(text, list);
                break;
            case RecordValue record:
                text.Append('{');
                AppendFields(text, record.Fields);
                text.Append('}');
                break;
            default:
                throw new NotSupportedException($"no text form for a {value.GetType().Name}");
        }
    }

    private static void AppendList(StringBuilder text, ListValue list)
    {
        text.Append('[');
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (i > 0) text.Append(' ');
            Append(text, list.Items[i]);
        }
        text.Append(']');
    }

    private static void AppendQuoted(StringBuilder text, string content)
    {
        text.Append('"');
        for (var i = 0; i < content.Length; i++)
        {
            var c = content[i];
            switch (c)
            {
                case >= '\ud800' and <= '\udbff' when i + 1 < content.Length && char.IsLowSurrogate(content[i + 1]):
                    text.Append(c).Append(content[++i]);
                    break;
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or (>= '\ud800' and <= '\udfff'):
                    // Half of a surrogate pair has no UTF-8 form.
                    text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default: text.Append(c); break;
            }
        }
        text.Append('"');
    }

    /// <summary>Reads one value that fills the whole text from <paramref name="start"/> on.</summary>
    /// <exception cref="TextFormatException">with the column of the first character that does not fit.</exception>
    public static Value Parse(string text, int start = 0)
    {
        var reader = new ValueReader(text, start);
        var value = reader.ReadValue();
        reader.SkipSpaces();
        reader.ExpectEnd();
        return value;
    }

    /// <summary>Reads <c>name=value</c> pairs up to the end of the text, starting at <paramref name="start"/>.</summary>
    public static List<(string Name, Value Value)> ParseFields(string text, int start = 0)
    {
        var reader = new ValueReader(text, start);
        var fields = reader.ReadFields();
        reader.ExpectEnd();
        return fields;
    }
}
