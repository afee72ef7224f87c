using HilTests.Core;
using HilTests.Lab.Images;

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

    /// <summary>
    /// Puts other modules in the place of loaded ones while the kernel runs on: those that use them are removed first, the
    /// parameters stay. All or none: where the kernel refuses one, those that were there before are put back. A module
    /// that the machine does not have is left out. Ask for the profile again afterwards.
    /// </summary>
    /// <param name="modules">The modules, in any order; none stands for all that were swapped: the machine's own come back.</param>
    /// <param name="cancellation">Stops waiting; the machine should be disposed of then.</param>
    /// <returns>Null, or what the kernel refused and why.</returns>
    /// <exception cref="InvalidOperationException">A program was sent to the machine and has not been answered.</exception>
    /// <exception cref="MachineLostException">The machine was lost, or is left without its modules.</exception>
    /// <exception cref="InfrastructureException">A file cannot be read; or it is this very machine, whose modules are not touched.</exception>
    Task<SwapRefusal?> SwapModulesAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation);
}

/// <summary>A swap of modules that the kernel refused; the modules are what they were before.</summary>
/// <param name="Module">The module it was about.</param>
/// <param name="Action"><c>remove</c> (it is in use) or <c>insert</c>.</param>
/// <param name="Errno">The errno's name, such as <c>ENOEXEC</c>.</param>
/// <param name="Words">What the kernel said about it; may be empty.</param>
public sealed record SwapRefusal(string Module, string Action, string Errno, string Words)
{
    /// <inheritdoc/>
    public override string ToString() => $"the kernel refused to {Action} {Module}: {Errno}{(Words.Length > 0 ? $", it says: {Words}" : "")}";
}
