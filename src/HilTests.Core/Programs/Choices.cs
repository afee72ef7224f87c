using System.Collections.Concurrent;
using System.Text;
using HilTests.Core.Values;

namespace HilTests.Core.Programs;

/// <summary>Words for enumeration members: <c>TapNoHeader</c> is <c>tap-no-header</c>.</summary>
public static class Choices
{
    private static readonly ConcurrentDictionary<Type, Dictionary<string, Enum>> Tables = new();

    /// <summary>The member's word.</summary>
    public static string Word<T>(T member)
        where T : struct, Enum => Kebab(member.ToString());

    /// <summary>The member's word as a value.</summary>
    public static Value Of<T>(T member)
        where T : struct, Enum => Value.Symbol(Word(member));

    /// <summary>All words of the enumeration.</summary>
    public static IEnumerable<string> Words<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Word);

    /// <summary>The member that the word names.</summary>
    public static bool TryParse<T>(string word, out T member)
        where T : struct, Enum
    {
        var table = Tables.GetOrAdd(typeof(T), static _ => Enum.GetValues<T>().ToDictionary(Word, m => (Enum)m));
        var found = table.TryGetValue(word, out var boxed);
        member = found ? (T)boxed! : default;
        return found;
    }

    private static string Kebab(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
