namespace HilTests.Core.Programs;

/// <summary>
/// One step of a program: plain data, no code. Each device has its own steps (Core/Devices/X), each with one
/// <see cref="StepSyntax"/> that names it and gives its text form.
/// </summary>
public abstract record Step;
