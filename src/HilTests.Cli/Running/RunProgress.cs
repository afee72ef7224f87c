using HilTests.Core.Results;

namespace HilTests.Cli.Running;

/// <summary>Who is told how a run goes on; called from several threads.</summary>
internal sealed record RunProgress
{
    /// <summary>A long step begins: <c>booting kernel 6.1.0-56-amd64 (tcg)</c>.</summary>
    public Action<string> Note { get; init; } = static _ => { };

    /// <summary>A program was run; how many of how many (null: no number was planned).</summary>
    public Action<ProgramResult, int, int?> Ran { get; init; } = static (_, _, _) => { };
}
