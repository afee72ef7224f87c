namespace HilTests.Cli.Output;

/// <summary>How results and progress are shown and kept.</summary>
internal sealed record OutputSettings
{
    /// <summary>The folder the user named; null for a dated one.</summary>
    public string? Folder { get; init; }

    /// <summary>A file, <c>-</c> for standard output, or null.</summary>
    public string? JsonFile { get; init; }

    /// <summary>KTAP on standard output instead of the summary.</summary>
    public bool Ktap { get; init; }

    public string? JUnitFile { get; init; }

    public bool Verbose { get; init; }

    public bool Quiet { get; init; }

    /// <summary>Colours where a terminal shows them.</summary>
    public bool Colour { get; init; } = true;
}
