namespace HilTests.Agent.Execution;

/// <summary>
/// A thread that runs one program after the other: starting one for each costs milliseconds under TCG. Steps have a
/// thread of their own, so that somebody is there to tell of one that hangs.
/// </summary>
internal sealed class StepThread
{
    private readonly object _turn = new();
    private Action? _work;
    private bool _isRetired;

    public StepThread() => new Thread(Serve) { IsBackground = true, Name = "steps" }.Start();

    /// <summary>Begins some work, which must not throw; the work before it must be over.</summary>
    public void Begin(Action work)
    {
        lock (_turn)
        {
            _work = work;
            Monitor.PulseAll(_turn);
        }
    }

    /// <summary>Waits for the end of the work, or for this time to pass.</summary>
    /// <returns>whether it is over</returns>
    public bool Wait(TimeSpan limit)
    {
        lock (_turn)
        {
            // Who is woken for nothing asks again: the caller looks at the step's age in between.
            if (_work is not null) Monitor.Wait(_turn, limit);
            return _work is null;
        }
    }

    /// <summary>Takes no more work; the thread ends with what it is doing, if ever.</summary>
    public void Retire()
    {
        lock (_turn)
        {
            _isRetired = true;
            Monitor.PulseAll(_turn);
        }
    }

    private void Serve()
    {
        while (Next() is { } work)
        {
            work();
            lock (_turn)
            {
                _work = null;
                Monitor.PulseAll(_turn);
            }
        }
    }

    private Action? Next()
    {
        lock (_turn)
        {
            while (_work is null && !_isRetired) Monitor.Wait(_turn);
            return _isRetired ? null : _work;
        }
    }
}
