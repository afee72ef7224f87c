using System.CommandLine;
using HilTests.Cli.Input;

namespace HilTests.Cli.Commands;

/// <summary>The option that says how long findings may be shrunk.</summary>
/// <param name="standard">what is taken where nobody says, e.g. <c>30s</c>; <c>0</c> for not at all</param>
internal sealed class ShrinkChoice(string standard)
{
    private readonly Option<string> _time = new("--shrink-time")
    {
        HelpName = "30s",
        Description = $"how long programs with findings may be made smaller, all together (ms, s, m, h); 0: not at all; default {standard}",
        DefaultValueFactory = _ => standard,
    };

    public void AddTo(Command command)
    {
        command.Add(_time);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_time) is { } time && time != "0" && !Duration.TryParse(time, out _))
                result.AddError($"--shrink-time: '{time}' is no span of time such as 30s or 2m, and not 0");
        });
    }

    public TimeSpan Read(ParseResult parsed) => Duration.TryParse(parsed.GetValue(_time)!, out var span) ? span : TimeSpan.Zero;
}
