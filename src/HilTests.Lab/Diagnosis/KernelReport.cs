using System.Collections.Immutable;

namespace HilTests.Lab.Diagnosis;

/// <summary>One report of a kernel about itself, as its console tells it.</summary>
public sealed record KernelReport
{
    public required ReportKind Kind { get; init; }

    /// <summary>
    /// What happened and in which function, without anything that changes from run to run:
    /// <c>KASAN: slab-use-after-free Read in f2fs_issue_discard</c>.
    /// </summary>
    public required string Title { get; init; }

    /// <summary>
    /// Where it was, innermost first: the instruction pointer, then the first call trace that was printed with it. Frames
    /// that the kernel is not sure of are among them (<see cref="StackFrame.IsGuess"/>).
    /// </summary>
    public ImmutableArray<StackFrame> Frames { get; init; } = [];

    /// <summary>The instruction pointer; null where none was printed or it points to no function.</summary>
    public StackFrame? InstructionPointer { get; init; }

    /// <summary>The processor; null where it is not told.</summary>
    public int? Cpu { get; init; }

    /// <summary>Name of the task; empty where it is not told.</summary>
    public string Process { get; init; } = "";

    /// <summary>Its id; null where it is not told.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The kernel's taint flags as letters, <c>GOE</c>; empty where it is not tainted or does not say.</summary>
    public string Taint { get; init; } = "";

    /// <summary>Since boot, where the console tells times.</summary>
    public double? Seconds { get; init; }

    /// <summary>How long it had gone on, for lockups, stalls and hung tasks; null where it is not told.</summary>
    public TimeSpan? Lasted { get; init; }

    /// <summary>The console's lines, without times.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    /// <summary>The kernel panicked of it.</summary>
    public bool EndsInPanic { get; init; }

    /// <summary>The frames that tell something: neither guesses nor functions that everybody calls.</summary>
    public IEnumerable<StackFrame> TellingFrames => Kind.IsAboutTheGuest() ? [] : Frames.Where(f => !f.IsGuess && !GenericFunctions.Contains(f.Function));
}
