using HilTests.Core.Programs;

namespace HilTests.Core.Devices.F2fs;

/// <summary>Writes 1 or 0 to <c>/sys/fs/f2fs/DEV/iostat_enable</c>.</summary>
public sealed record IostatStep(bool Enable) : Step;

/// <summary>Writes <c>/sys/fs/f2fs/DEV/iostat_period_ms</c>.</summary>
public sealed record IostatPeriodStep(long Milliseconds) : Step;

/// <summary>Writes any text to an attribute below <c>/sys/fs/f2fs/DEV/</c>.</summary>
public sealed record SetAttributeStep(string Name, string Content) : Step;

/// <summary>Reads an attribute below <c>/sys/fs/f2fs/DEV/</c>; records <c>content</c> as text without its newline.</summary>
public sealed record ReadAttributeStep(string Name) : Step;

/// <summary>Reads <c>/proc/fs/f2fs/DEV/iostat_info</c>, line by line.</summary>
public sealed record ReadIostatInfoStep : Step;

/// <summary>
/// Opens a trace instance of the program's own and switches on the events that the model follows. From here on the
/// agent marks the begin and end of each step in the trace.
/// </summary>
public sealed record TraceStartStep : Step;

/// <summary>
/// Takes out what the trace instance has gathered, line by line. Records <c>overrun</c> and <c>dropped</c>, events
/// lost since the start.
/// </summary>
public sealed record TraceReadStep : Step;
