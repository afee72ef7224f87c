using HilTests.Cli.Running;
using HilTests.Core;
using HilTests.Models;

namespace HilTests.Cli.Triaging;

/// <summary>The programs of one device in the order in which they are worth most: those first that come to a changed function.</summary>
internal sealed class TriagePrograms(string device, ulong seed)
{
    private readonly DeviceSuite _suite = ModelRegistry.Get(device);
    private readonly Dictionary<string, int> _reached = [];
    private readonly HashSet<string> _scouted = [];
    private int _generated;

    public DeviceSuite Suite => _suite;

    /// <summary>The hand-written programs, for scouting.</summary>
    public IEnumerable<PlannedProgram> HandWritten => _suite.HandWritten.Select(p => new PlannedProgram(p, _suite.Model));

    /// <summary>How many scouted programs came to a changed function.</summary>
    public int Reaching => _reached.Count;

    /// <summary>Notes how many changed functions a program came to.</summary>
    public void Scouted(PlannedProgram program, int functions)
    {
        _scouted.Add(program.Program.Name);
        if (functions > 0) _reached[program.Program.Name] = functions;
    }

    /// <summary>The programs without an end: those that reach the change, those that were not scouted, the others, then generated ones.</summary>
    public IEnumerable<PlannedProgram> InOrder()
    {
        foreach (var program in _suite.HandWritten.OrderByDescending(p => _reached.GetValueOrDefault(p.Name)).ThenBy(p => _scouted.Contains(p.Name)))
            yield return new PlannedProgram(program, _suite.Model);
        while (true) yield return new PlannedProgram(_suite.Generate(new Seed(seed).Fork((ulong)_generated), _generated++), _suite.Model);
    }
}
