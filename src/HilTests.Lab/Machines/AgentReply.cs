using System.Collections.Immutable;

namespace HilTests.Lab.Machines;

/// <summary>What came back for one program.</summary>
/// <param name="TraceText">The trace, or as much of it as arrived.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record AgentReply(string TraceText, AgentOutcome Outcome);

/// <summary>How a program ended.</summary>
public abstract record AgentOutcome
{
    private AgentOutcome() { }

    /// <summary>The agent ran it to its end; the trace is complete.</summary>
    public sealed record Completed : AgentOutcome;

    /// <summary>The agent could not run it and says why; the machine lives on.</summary>
    public sealed record AgentError(string Text) : AgentOutcome;

    /// <summary>The machine is gone; it takes no more programs.</summary>
    public sealed record MachineLost(MachineLoss Cause) : AgentOutcome;
}

/// <summary>Why a machine is gone.</summary>
public enum MachineLossKind
{
    /// <summary>The kernel panicked, or died of an oops.</summary>
    Panic,

    /// <summary>No processor runs anything any more: the watchdog bit, and the agent did not answer afterwards.</summary>
    Watchdog,

    /// <summary>The kernel says that a processor, a grace period or a task stands still, and the host did not starve it.</summary>
    Stalled,

    /// <summary>The guest's memory is used up and there is nothing left that could be killed: the programs asked for too much.</summary>
    OutOfMemory,

    /// <summary>The QEMU process ended on its own or was killed.</summary>
    QemuDied,

    /// <summary>A signal stopped the QEMU process, and nothing continued it.</summary>
    QemuStopped,

    /// <summary>The agent ended, in a VM together with the machine.</summary>
    AgentGone,

    /// <summary>The machine seems to live but nothing came over the channel for too long.</summary>
    ChannelSilent,

    /// <summary>What came over the channel is no frame, or not of our protocol version.</summary>
    ChannelBroken,

    /// <summary>It was a copy of a template that turned out to be damaged; what it did says nothing about the kernel.</summary>
    TemplateDamaged,

    /// <summary>A swap of modules was refused, and the modules from before could not be put back either.</summary>
    ModulesGone,

    /// <summary>The machine was disposed of by its owner.</summary>
    Disposed,
}

/// <summary>The loss of a machine.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Title">One line: for a panic, what it was and where.</param>
public sealed record MachineLoss(MachineLossKind Kind, string Title)
{
    /// <summary>Where it was, a line a frame, with source lines where they are known; empty where no kernel report tells.</summary>
    public ImmutableArray<string> Details { get; init; } = [];

    /// <summary>Whether it says that something took too long. Once that may be the host's fault; a second time, on a fresh machine, it is the kernel's.</summary>
    public bool IsDoubtful => Kind is MachineLossKind.ChannelSilent or MachineLossKind.Watchdog or MachineLossKind.Stalled;
}

/// <summary>The machine was lost while something else than a program was asked of it.</summary>
public sealed class MachineLostException : Exception
{
    public MachineLostException(MachineLoss loss) : base($"the machine is lost ({loss.Kind}): {loss.Title}") => Loss = loss;

    public MachineLostException() : this(new MachineLoss(MachineLossKind.Disposed, "no cause given")) { }

    public MachineLostException(string message) : this(new MachineLoss(MachineLossKind.Disposed, message)) { }

    public MachineLostException(string message, Exception inner) : base(message, inner) =>
        Loss = new MachineLoss(MachineLossKind.Disposed, message);

    public MachineLoss Loss { get; }
}
