using System.Collections.Immutable;
using System.Globalization;
using HilTests.Core;
using YamlDotNet.RepresentationModel;

namespace HilTests.Nightly.Matrices;

/// <summary>
/// Reads one mapping of a YAML file: each key once, no unknown ones. Mistakes are collected, and reading goes on, so that a user hears of all of them.
/// </summary>
internal sealed class MappingReader
{
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = [];
    private readonly List<MatrixMistake> _mistakes;
    private readonly HashSet<string> _known = [];
    private readonly string _what;

    /// <param name="node">What should be a mapping.</param>
    /// <param name="what">What it describes, for messages: <c>a kernel</c>.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    public MappingReader(YamlNode node, string what, List<MatrixMistake> mistakes)
    {
        _what = what;
        _mistakes = mistakes;
        Place = PlaceOf(node);
        if (node is not YamlMappingNode mapping)
        {
            Mistake(node, $"{what} is a list of `key: value` lines; this is {Kind(node)}");
            return;
        }
        foreach (var (key, value) in mapping.Children) _entries[(key as YamlScalarNode)?.Value ?? ""] = (key, value);
    }

    /// <summary>Where the mapping begins.</summary>
    public Place Place { get; }

    /// <summary>Where the value of a key stands; the mapping itself where it is not there.</summary>
    public Place PlaceOf(string key) => _entries.TryGetValue(key, out var entry) ? PlaceOf(entry.Value) : Place;

    /// <summary>Whether a key that the mapping may have is there.</summary>
    public bool Has(string key)
    {
        _known.Add(key);
        return _entries.ContainsKey(key);
    }

    /// <summary>The node of a key; null where it is not there.</summary>
    public YamlNode? Node(string key)
    {
        _known.Add(key);
        return _entries.TryGetValue(key, out var entry) ? entry.Value : null;
    }

    /// <summary>A single value; null where it is not there or no single value.</summary>
    public string? Text(string key)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalarNode { Value: { Length: > 0 } value }) return value;
        Mistake(node, $"{key} is a single value; this is {Kind(node)}");
        return null;
    }

    /// <summary>A single value that has to be there; empty where it is not.</summary>
    public string Required(string key, string example)
    {
        if (!Has(key)) MistakeAt(Place, $"{_what} needs `{key}`, for example `{key}: {example}`");
        return Text(key) ?? "";
    }

    /// <summary>A whole number in a range; null where it is not there or wrong.</summary>
    public int? Number(string key, int least, int most)
    {
        if (Text(key) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Mistake(_entries[key].Value, $"{key} is a whole number from {least} to {most}; '{text}' is not");
        return null;
    }

    /// <summary>A span of time; null where it is not there or wrong.</summary>
    public TimeSpan? Span(string key)
    {
        if (Text(key) is not { } text) return null;
        if (Spans.TryParse(text, out var span)) return span;
        Mistake(_entries[key].Value, $"{key} is a span of time such as 60s, 5m or 2h; '{text}' is not");
        return null;
    }

    /// <summary>A day; null where it is not there or wrong.</summary>
    public DateOnly? Day(string key)
    {
        if (Text(key) is not { } text) return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        Mistake(_entries[key].Value, $"{key} is a day such as 2027-03-31; '{text}' is not");
        return null;
    }

    /// <summary>One of some words; null where it is not there or none of them.</summary>
    public string? OneOf(string key, params IReadOnlyList<string> words)
    {
        if (Text(key) is not { } text) return null;
        if (words.Contains(text)) return text;
        Mistake(_entries[key].Value, $"{key} is {string.Join(" or ", words)}; '{text}' is not{Meant(text, words)}");
        return null;
    }

    /// <summary>Several values, or one without brackets; empty where it is not there.</summary>
    public ImmutableArray<(string Text, Place Place)> Texts(string key)
    {
        var node = Node(key);
        if (node is null) return [];
        var items = node is YamlSequenceNode sequence ? sequence.Children : [node];
        var texts = ImmutableArray.CreateBuilder<(string, Place)>();
        foreach (var item in items)
        {
            if (item is YamlScalarNode { Value: { Length: > 0 } value }) texts.Add((value, PlaceOf(item)));
            else Mistake(item, $"{key} is a list of single values; this one is {Kind(item)}");
        }
        return texts.ToImmutable();
    }

    /// <summary>The mappings of a list; a list that is not there is empty.</summary>
    public IEnumerable<MappingReader> Mappings(string key, string what)
    {
        var node = Node(key);
        if (node is null) yield break;
        if (node is not YamlSequenceNode sequence)
        {
            Mistake(node, $"{key} is a list: lines that begin with `- `; this is {Kind(node)}");
            yield break;
        }
        foreach (var item in sequence.Children) yield return new MappingReader(item, what, _mistakes);
    }

    /// <summary>Complains of every key that nobody asked for.</summary>
    public void Close()
    {
        foreach (var (key, entry) in _entries.Where(e => !_known.Contains(e.Key)))
            Mistake(entry.Key, $"{_what} has no `{key}`{Meant(key, _known)}; it may have {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
    }

    /// <summary>Complains of a place.</summary>
    public void MistakeAt(Place place, string words) => _mistakes.Add(new MatrixMistake(place, words));

    /// <summary>What a misspelt word may have meant: <c>; did you mean X?</c>, or nothing.</summary>
    public static string Meant(string word, IEnumerable<string> known)
    {
        var near = Spelling.Near(word, known);
        return near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "";
    }

    /// <summary>Where a node begins.</summary>
    public static Place PlaceOf(YamlNode node) => new((int)node.Start.Line, (int)node.Start.Column);

    private void Mistake(YamlNode node, string words) => MistakeAt(PlaceOf(node), words);

    private static string Kind(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "empty",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };
}
