namespace HilTests.Agent.Execution;

/// <summary>
/// A thread that runs one program after the other: starting one for each costs milliseconds under TCG. Steps have a
/// thread of their own, so that somebody is there to tell of one that hangs.
/// </summary>
internal sealed class StepThread
{
    private readonly AutoResetEvent _begin = new(false);
    private readonly AutoResetEvent _end = new(false);
    private Action _work = static () => { };
    private volatile bool _isRetired;

    public StepThread() => new Thread(Serve) { IsBackground = true, Name = "steps" }.Start();

    /// <summary>Begins some work, which must not throw; the work before it must be over.</summary>
    public void Begin(Action work)
    {
        _work = work;
        _begin.Set();
    }

    /// <summary>Waits for the end of the work.</summary>
    /// <returns>whether it came in this time</returns>
    public bool Wait(TimeSpan limit) => _end.WaitOne(limit);

    /// <summary>Takes no more work; the thread ends with what it is doing, if ever.</summary>
    public void Retire()
    {
        _isRetired = true;
        _begin.Set();
    }

    private void Serve()
    {
        while (true)
        {
            _begin.WaitOne();
            if (_isRetired) return;
            _work();
            _end.Set();
        }
    }
}
