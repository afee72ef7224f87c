namespace HilTests.Core;

/// <summary>Finds the names that a misspelt one may have meant.</summary>
public static class Spelling
{
    /// <summary>At most three of the known names, nearest first, none further than a third of the name's length plus one.</summary>
    public static IReadOnlyList<string> Near(string name, IEnumerable<string> known) =>
    [
        .. known.Select(k => (Name: k, Distance: Distance(name, k)))
            .Where(k => k.Distance <= 1 + name.Length / 3)
            .OrderBy(k => k.Distance)
            .Take(3)
            .Select(k => k.Name),
    ];

    /// <summary>Edits (insert, delete, replace one character) that turn one word into the other.</summary>
    internal static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
