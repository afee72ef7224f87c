using HilTests.Core;

namespace HilTests.Lab.Machines;

/// <summary>
/// Something with an agent on it: a VM, or this very machine. A machine that was lost keeps the cause and answers
/// everything with it.
/// </summary>
public interface IMachine : IAsyncDisposable
{
    MachineFacts Facts { get; }

    /// <summary>The kernel's console so far; empty on this very machine.</summary>
    string ConsoleText { get; }

    /// <summary>Runs one program.</summary>
    /// <param name="programText">Its text form.</param>
    /// <param name="cancellation">Stops waiting; the machine should be disposed of then, since the program runs on.</param>
    Task<AgentReply> RunAsync(string programText, CancellationToken cancellation);

    /// <summary>
    /// Runs programs one after the other, sending the next ones while one runs. Replies come in the programs' order.
    /// When the machine is lost, the last reply is that of the program it was lost with; the rest get none.
    /// </summary>
    IAsyncEnumerable<AgentReply> RunManyAsync(IEnumerable<string> programTexts, CancellationToken cancellation);

    /// <summary>Asks what the machine's kernel can do.</summary>
    /// <returns>The agent's profile text.</returns>
    /// <exception cref="MachineLostException">The machine was lost before it answered.</exception>
    /// <exception cref="InfrastructureException">The agent could not say.</exception>
    Task<string> ProbeAsync(CancellationToken cancellation);

    /// <summary>How long <see cref="FixedWork"/> takes on the machine.</summary>
    /// <param name="rounds">How much of it; 1 to <see cref="FixedWork.MostRounds"/>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="MachineLostException">The machine was lost before it answered.</exception>
    /// <exception cref="InfrastructureException">The agent could not say.</exception>
    Task<TimeSpan> MeasureWorkAsync(int rounds, CancellationToken cancellation);

    /// <summary>A round trip to the agent and back.</summary>
    /// <returns>How long it took.</returns>
    /// <exception cref="MachineLostException">The machine was lost before it answered.</exception>
    Task<TimeSpan> PingAsync(CancellationToken cancellation);
}
