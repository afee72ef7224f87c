using HilTests.Cli.Running;
using HilTests.Core;
using HilTests.Lab.Mutation;
using HilTests.Models;

namespace HilTests.Cli.Triaging;

/// <summary>
/// The programs of one device in the order in which they are worth most: those first that caught mistakes in a changed function before, then those
/// that come to one.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="seed">Of the generated programs.</param>
/// <param name="caught">By program, how many mistakes in the changed functions it has caught; see <see cref="CatchRecord"/>.</param>
internal sealed class TriagePrograms(string device, ulong seed, IReadOnlyDictionary<string, int> caught)
{
    private readonly DeviceSuite _suite = ModelRegistry.Get(device);
    private readonly Dictionary<string, int> _reached = [];
    private readonly HashSet<string> _scouted = [];
    private int _generated;

    public DeviceSuite Suite => _suite;

    /// <summary>The hand-written programs, for scouting.</summary>
    public IEnumerable<PlannedProgram> HandWritten => _suite.HandWritten.OrderByDescending(p => caught.GetValueOrDefault(p.Name)).Select(p => new PlannedProgram(p, _suite.Model));

    /// <summary>How many scouted programs came to a changed function.</summary>
    public int Reaching => _reached.Count;

    /// <summary>Notes how many changed functions a program came to.</summary>
    public void Scouted(PlannedProgram program, int functions)
    {
        _scouted.Add(program.Program.Name);
        if (functions > 0) _reached[program.Program.Name] = functions;
    }

    /// <summary>
    /// The programs without an end: those that caught mistakes there, those that reach the change, those that were not scouted, those that were and do
    /// not reach it, then generated ones.
    /// </summary>
    public IEnumerable<PlannedProgram> InOrder()
    {
        foreach (var program in _suite.HandWritten.OrderBy(p => _scouted.Contains(p.Name) && !_reached.ContainsKey(p.Name))
            .ThenByDescending(p => caught.GetValueOrDefault(p.Name)).ThenByDescending(p => _reached.GetValueOrDefault(p.Name)))
            yield return new PlannedProgram(program, _suite.Model);
        while (true) yield return new PlannedProgram(_suite.Generate(new Seed(seed).Fork((ulong)_generated), _generated++), _suite.Model);
    }
}
