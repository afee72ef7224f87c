using System.Diagnostics.CodeAnalysis;
using HilTests.Core.Results;

namespace HilTests.Cli.Running;

/// <summary>A planned program and what has become of it so far.</summary>
internal sealed class QueuedProgram(PlannedProgram planned)
{
    public PlannedProgram Planned { get; } = planned;

    /// <summary>Not judged until it was run.</summary>
    public ProgramResult Result { get; set; } = new() { Program = planned.Program };

    /// <summary>Whether it was run, judged or not.</summary>
    public bool IsDone { get; set; }

    /// <summary>Whether a machine fell silent with this program before.</summary>
    public bool FellSilent { get; set; }
}

/// <summary>The programs of a run, given out to the machines; what a lost machine did not get to is given out again.</summary>
internal sealed class ProgramQueue : IDisposable
{
    /// <summary>Enough that the agent need not wait for us between two programs.</summary>
    private const int LargestShare = 16;

    private readonly Lock _lock = new();
    private readonly IEnumerator<PlannedProgram> _source;
    private readonly List<QueuedProgram> _all = [];
    private readonly LinkedList<QueuedProgram> _waiting = new();
    private readonly bool _keepUndone;
    private bool _closed;

    /// <summary>Makes the queue of a plan. Where the number is known everything counts as planned from the start.</summary>
    public ProgramQueue(RunPlan plan)
    {
        _source = plan.Programs.GetEnumerator();
        _keepUndone = plan.Count is not null;
        while (_keepUndone && _source.MoveNext()) Plan();
    }

    /// <summary>Every planned program, in the plan's order; where only the time decides, those that were run.</summary>
    public IReadOnlyList<QueuedProgram> Programs
    {
        get
        {
            lock (_lock) return [.. _keepUndone ? _all : _all.Where(p => p.IsDone)];
        }
    }

    /// <summary>The next one to run.</summary>
    public bool TryTake([NotNullWhen(true)] out QueuedProgram? next)
    {
        lock (_lock)
        {
            if (!_closed && _waiting.Count == 0 && !_keepUndone && _source.MoveNext()) Plan();
            next = _closed ? null : _waiting.First?.Value;
            if (next is null) return false;
            _waiting.RemoveFirst();
            return true;
        }
    }

    /// <summary>
    /// How many programs one of several workers may take at a time, so that none is left with the slow ones at the end
    /// while the others have nothing to do.
    /// </summary>
    public int Share(int workers)
    {
        if (workers == 1) return int.MaxValue;
        lock (_lock) return _keepUndone ? Math.Clamp(_waiting.Count / (2 * workers), 1, LargestShare) : LargestShare;
    }

    /// <summary>Takes back what was given out and not run; it is given out next, in the same order.</summary>
    public void Return(IEnumerable<QueuedProgram> notRun)
    {
        lock (_lock)
        {
            foreach (var program in notRun.Reverse()) _waiting.AddFirst(program);
        }
    }

    /// <summary>Gives out no more.</summary>
    public void Close()
    {
        lock (_lock) _closed = true;
    }

    public void Dispose() => _source.Dispose();

    private void Plan()
    {
        var program = new QueuedProgram(_source.Current);
        _all.Add(program);
        _waiting.AddLast(program);
    }
}
