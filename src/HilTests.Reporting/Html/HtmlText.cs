using System.Net;
using System.Text;

namespace HilTests.Reporting.Html;

/// <summary>Builds HTML that is also well-formed XML. Text and attribute values are always escaped; there is no way to add raw text from outside.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>Opens an element; a null attribute value leaves the attribute out.</summary>
    public HtmlText Open(string element, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        AppendTag(element, attributes);
        _text.Append('>');
        _open.Push(element);
        return this;
    }

    /// <summary>An element without content, such as <c>input</c>.</summary>
    public HtmlText Void(string element, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        AppendTag(element, attributes);
        _text.Append("/>");
        return this;
    }

    /// <summary>An element that holds text.</summary>
    public HtmlText Element(string element, string content, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        Open(element, attributes).Text(content).Close();

    public HtmlText Text(string content)
    {
        _text.Append(Escape(content));
        return this;
    }

    public HtmlText Close()
    {
        _text.Append("</").Append(_open.Pop()).Append('>');
        return this;
    }

    /// <summary>
    /// A block of JSON for the page's script. The serializer's standard encoder writes <c>&lt;</c>, <c>&gt;</c> and
    /// <c>&amp;</c> as escapes, so the block cannot end early; that is checked here once more.
    /// </summary>
    public HtmlText Data(string json)
    {
        if (json.AsSpan().ContainsAny('<', '>', '&')) throw new ArgumentException("JSON in a page must have '<', '>' and '&' escaped", nameof(json));
        Open("script", ("type", "application/json"));
        _text.Append(json);
        return Close();
    }

    /// <summary>The icon of the template's sprite; only an ornament, words stand beside it.</summary>
    public HtmlText Icon(string name) =>
        Open("svg", ("class", $"icon {name}"), ("aria-hidden", "true")).Void("use", ("href", $"#i-{name}")).Close();

    /// <exception cref="InvalidOperationException">when an element is still open</exception>
    public override string ToString() =>
        _open.Count == 0 ? _text.ToString() : throw new InvalidOperationException($"<{_open.Peek()}> is still open");

    /// <summary>Escapes text for content and for attributes in double quotes.</summary>
    public static string Escape(string content) => WebUtility.HtmlEncode(PrintableText.ForXml(content));

    private void AppendTag(string element, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _text.Append('<').Append(element);
        foreach (var (name, value) in attributes)
            if (value is not null) _text.Append(' ').Append(name).Append("=\"").Append(Escape(value)).Append('"');
    }
}
