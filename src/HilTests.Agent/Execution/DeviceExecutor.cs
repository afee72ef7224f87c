using HilTests.Core.Programs;

namespace HilTests.Agent.Execution;

/// <summary>
/// Runs the steps of one program on one device and records what happens; judges nothing. Made afresh for each
/// program; disposing it must undo everything the program left open.
/// </summary>
internal abstract class DeviceExecutor : IDisposable
{
    /// <summary>
    /// Runs one step. A system call that fails is an observation and goes into <paramref name="recorder"/>; an
    /// <see cref="AgentFailureException"/> means that the agent itself could not do its part.
    /// </summary>
    public abstract void Execute(Step step, StepRecorder recorder);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>The agent could not do a step for a reason that says nothing about the kernel under test.</summary>
internal sealed class AgentFailureException(string message, Exception? inner = null) : Exception(message, inner);
