using System.Runtime.CompilerServices;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;

namespace HilTests.Lab.Pool;

/// <summary>What may have happened on a machine before it is handed out.</summary>
public enum LeaseKind
{
    /// <summary>Programs that went well may have run on it.</summary>
    Shared,

    /// <summary>Nothing ran on it, and nobody gets it afterwards.</summary>
    Fresh,
}

/// <summary>
/// A machine of a pool, for as long as somebody has it. Disposing of the lease gives it back; what failed on it, or was
/// left unfinished, keeps it from being used again.
/// </summary>
public sealed class Lease : IAsyncDisposable
{
    private readonly MachinePool _pool;
    private readonly PooledMachine _machine;
    private int _returned;

    internal Lease(MachinePool pool, PooledMachine machine, LeaseKind kind)
    {
        _pool = pool;
        _machine = machine;
        Kind = kind;
    }

    /// <summary>The machine. Programs that are run on it directly are to be told with <see cref="Note"/>.</summary>
    public IMachine Machine => _machine.Machine;

    /// <summary>Machines of a pool are counted from 1.</summary>
    public int MachineNumber => _machine.Number;

    public LeaseKind Kind { get; }

    /// <summary>Why the machine may not be used again; null while nothing is known against it.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether work was left on it that nobody waits for.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Whether other modules than the machine's own are loaded; with them nobody else gets it.</summary>
    public bool HasOtherModules { get; private set; }

    /// <summary>Says that the machine failed; the first cause is kept, with its console.</summary>
    public void Fail(string cause) => Failure ??= cause;

    /// <summary>Says that the machine is not to be used again, though it did nothing wrong.</summary>
    public void Spend() => IsSpent = true;

    /// <summary>Looks at what came back for a program: a lost machine and one in which a step hangs have failed.</summary>
    public void Note(string programText, AgentReply reply)
    {
        _machine.LastProgram = programText.Split('\n').FirstOrDefault(l => l.StartsWith("name ", StringComparison.Ordinal))?["name ".Length..];
        if (reply.Outcome is AgentOutcome.MachineLost { Cause: var cause })
            Fail(MachinePool.Words(cause));
        else if (reply.TraceText.Contains("\nend hung\n", StringComparison.Ordinal))
            Fail("a step hung");
    }

    /// <summary>Runs one program and notes how it went.</summary>
    /// <param name="programText">Its text form.</param>
    /// <param name="cancellation">Stops waiting; the machine is not used again then.</param>
    public async Task<AgentReply> RunAsync(string programText, CancellationToken cancellation)
    {
        try
        {
            var reply = await Machine.RunAsync(programText, cancellation).ConfigureAwait(false);
            Note(programText, reply);
            return reply;
        }
        catch
        {
            Spend();
            throw;
        }
    }

    /// <summary>
    /// Runs programs as <see cref="IMachine.RunManyAsync"/> does and notes how each went. Who leaves early leaves programs
    /// in the machine; it is not used again then.
    /// </summary>
    public async IAsyncEnumerable<AgentReply> RunManyAsync(IEnumerable<string> programTexts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var sent = new Queue<string>();
        try
        {
            await foreach (var reply in Machine.RunManyAsync(programTexts.Select(t => Sent(t, sent)), cancellation).ConfigureAwait(false))
            {
                Note(sent.Dequeue(), reply);
                yield return reply;
            }
        }
        finally
        {
            if (sent.Count > 0)
                Spend();
        }
    }

    /// <summary>
    /// Puts other modules in the place of loaded ones, inside the running kernel; may be repeated with others. Nobody else
    /// gets the machine until <see cref="RestoreModulesAsync"/>.
    /// </summary>
    /// <param name="modules">The modules, in any order; each name once.</param>
    /// <param name="cancellation">Stops waiting; the machine is not used again then.</param>
    /// <returns>Null, or what the kernel refused and why; the modules are then what they were before.</returns>
    /// <exception cref="InvalidOperationException">A program was sent to the machine and has not been answered.</exception>
    /// <exception cref="MachineLostException">The machine was lost, or is left without its modules.</exception>
    /// <exception cref="InfrastructureException">A file cannot be read; or the machine is this very one.</exception>
    public Task<SwapRefusal?> SwapModulesAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(modules.Count, nameof(modules));
        return SwapAsync(modules, cancellation);
    }

    /// <summary>Puts the machine's own modules back; as <see cref="SwapModulesAsync"/> otherwise.</summary>
    public async Task<SwapRefusal?> RestoreModulesAsync(CancellationToken cancellation) =>
        HasOtherModules ? await SwapAsync([], cancellation).ConfigureAwait(false) : null;

    private async Task<SwapRefusal?> SwapAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation)
    {
        try
        {
            var refused = await Machine.SwapModulesAsync(modules, cancellation).ConfigureAwait(false);
            if (refused is null)
                HasOtherModules = modules.Count > 0;
            return refused;
        }
        catch (MachineLostException e)
        {
            Fail(MachinePool.Words(e.Loss));
            throw;
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            Spend();
            throw;
        }
    }

    /// <summary>Gives the machine back.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _returned, 1) == 0 ? _pool.ReturnAsync(this, _machine) : ValueTask.CompletedTask;

    private static string Sent(string text, Queue<string> sent)
    {
        sent.Enqueue(text);
        return text;
    }
}
