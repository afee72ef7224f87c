using System.Diagnostics;
using HilTests.Cli.Running;
using HilTests.Core.Judging;
using HilTests.Core.Results;
using HilTests.Reporting;
using Spectre.Console;

namespace HilTests.Cli.Output;

/// <summary>Shows on standard error how a run goes on: one moving line on a terminal, plain lines elsewhere.</summary>
internal sealed class ProgressDisplay(OutputSettings settings)
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private StatusContext? _status;
    private IAnsiConsole? _console;
    private long _lastLine;
    private int _findings;

    /// <summary>What a run tells its steps to.</summary>
    public RunProgress Progress => new() { Note = Note, Ran = Ran };

    /// <summary>Does some work while its progress is shown.</summary>
    public async Task<T> ShowAsync<T>(Func<Task<T>> work)
    {
        // The console of -v and a moving line would overwrite each other.
        if (settings.Quiet || settings.Verbose || Console.IsErrorRedirected) return await work().ConfigureAwait(false);
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            ColorSystem = settings.Colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!_console.Profile.Capabilities.Interactive) return await work().ConfigureAwait(false);
        return await _console.Status().StartAsync("starting", async context =>
        {
            lock (_lock) _status = context;
            try
            {
                return await work().ConfigureAwait(false);
            }
            finally
            {
                lock (_lock) _status = null;
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Tells of a long step.</summary>
    public void Note(string text)
    {
        if (settings.Quiet) return;
        // A note may quote a guest.
        text = PrintableText.OneLine(text);
        lock (_lock)
        {
            if (_status is null)
            {
                Console.Error.WriteLine($"hil: {text}");
                return;
            }
            _status.Status(Markup.Escape(text));
        }
    }

    private void Ran(ProgramResult result, int done, int? planned)
    {
        if (settings.Quiet) return;
        lock (_lock)
        {
            if (result.Judgement?.Verdict is Verdict.Diverges or Verdict.Crashed or Verdict.Hung) _findings++;
            if (_lastLine == 0) _lastLine = Stopwatch.GetTimestamp();
            var text = $"{done}{(planned is { } all ? $" of {all}" : "")} programs, {_findings} with findings: {result.Program.Device} {PrintableText.OneLine(result.Program.Name)}";
            if (_status is not null)
            {
                _status.Status(Markup.Escape(text));
            }
            else if (Stopwatch.GetElapsedTime(_lastLine) >= PlainInterval)
            {
                _lastLine = Stopwatch.GetTimestamp();
                Console.Error.WriteLine($"hil: {text}");
            }
        }
    }
}
