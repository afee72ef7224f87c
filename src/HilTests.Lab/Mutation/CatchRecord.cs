using System.Collections.Immutable;
using System.Globalization;

namespace HilTests.Lab.Mutation;

/// <summary>
/// Which hand-written program has caught mutants of which function, and how many: <c>DEVICE/caught.list</c> of a mutant set, a line each,
/// <c>FUNCTION PROGRAM TIMES</c>; what begins with # is a remark. An audit writes one; triage tries a patch's programs in its order.
/// </summary>
public sealed class CatchRecord
{
    private readonly ImmutableDictionary<(string Function, string Program), int> _times;

    private CatchRecord(ImmutableDictionary<(string Function, string Program), int> times) => _times = times;

    /// <summary>The record of a set; an empty one where it has none.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="device">Whose mutants.</param>
    /// <exception cref="FormatException">A line is not of that form.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CatchRecord Read(string folder, string device)
    {
        var file = Path.Combine(folder, device, "caught.list");
        var times = ImmutableDictionary.CreateBuilder<(string, string), int>();
        var number = 0;
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.Split(' ') is not [var function, var program, var count] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n))
                throw new FormatException($"{file}, line {number}: expected FUNCTION PROGRAM TIMES, found '{line}'");
            times[(function, program)] = n;
        }
        return new CatchRecord(times.ToImmutable());
    }

    /// <summary>What these catches come to.</summary>
    public static CatchRecord Of(IEnumerable<(string Function, string Program)> catches) =>
        new(catches.GroupBy(c => c).ToImmutableDictionary(g => g.Key, g => g.Count()));

    /// <summary>By program, how many mutants of these functions it has caught; only programs that caught any.</summary>
    public IReadOnlyDictionary<string, int> Of(IReadOnlyCollection<string> functions) =>
        _times.Where(t => functions.Contains(t.Key.Function)).GroupBy(t => t.Key.Program).ToDictionary(g => g.Key, g => g.Sum(t => t.Value));

    /// <summary>All programs that it names.</summary>
    public IEnumerable<string> Programs => _times.Keys.Select(k => k.Program).Distinct();

    /// <summary>Writes it as a set keeps it.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine("# FUNCTION PROGRAM TIMES: the hand-written programs that caught mutants of a function, from audits.");
        foreach (var ((function, program), times) in _times.OrderBy(t => t.Key.Function, StringComparer.Ordinal).ThenByDescending(t => t.Value).ThenBy(t => t.Key.Program, StringComparer.Ordinal))
            writer.WriteLine($"{function} {program} {times}");
    }
}
