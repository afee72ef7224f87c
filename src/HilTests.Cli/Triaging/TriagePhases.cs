using System.Diagnostics;

namespace HilTests.Cli.Triaging;

/// <summary>Where the time goes: phases one after the other, by name.</summary>
internal sealed class TriagePhases
{
    private readonly List<(string Name, double Seconds)> _done = [];
    private string? _name;
    private long _begin;

    /// <summary>Seconds by phase, in order.</summary>
    public IReadOnlyDictionary<string, double> All => _done.GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Sum(p => p.Seconds));

    /// <summary>Begins a phase, which ends the one before.</summary>
    public void Begin(string name)
    {
        End();
        (_name, _begin) = (name, Stopwatch.GetTimestamp());
    }

    /// <summary>Ends the phase that is going on, if there is one.</summary>
    public void End()
    {
        if (_name is not null) _done.Add((_name, Stopwatch.GetElapsedTime(_begin).TotalSeconds));
        _name = null;
    }
}
