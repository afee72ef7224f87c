namespace HilTests.Lab.Pool;

/// <summary>The machines of a pool that failed.</summary>
internal sealed class LostMachines
{
    /// <summary>How many keep their whole console, which can be megabytes long.</summary>
    private const int Whole = 32;

    /// <summary>How many characters the others keep: the end, where a kernel says how it died.</summary>
    private const int ShortConsole = 16 << 10;

    private readonly Lock _lock = new();
    private readonly List<LostMachine> _all = [];

    public IReadOnlyList<LostMachine> All
    {
        get
        {
            lock (_lock)
                return [.. _all];
        }
    }

    /// <summary>Keeps one that came up.</summary>
    public LostMachine Add(PooledMachine machine, string cause) =>
        Add(new LostMachine(machine.Number, cause, machine.LastProgram, machine.Machine.ConsoleText, machine.Machine.Facts));

    /// <summary>Keeps one that did not; the error holds its console.</summary>
    public LostMachine Add(int number, Exception error) =>
        Add(new LostMachine(number, $"did not start: {error.Message.Split('\n')[0]}", null, error.Message, null));

    private LostMachine Add(LostMachine lost)
    {
        lock (_lock)
        {
            if (_all.Count >= Whole && lost.Console.Length > ShortConsole)
                lost = lost with { Console = lost.Console[^ShortConsole..] };
            _all.Add(lost);
            return lost;
        }
    }
}
