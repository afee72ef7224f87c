using HilTests.Cli.Output;
using HilTests.Cli.Running;
using HilTests.Lab.Diagnosis;
using HilTests.Lab.Machines;

namespace HilTests.Fuzzing.Targets;

/// <summary>The console: kept, mirrored to a terminal, searched for a death, cut by program.</summary>
internal sealed class ConsoleTarget : FuzzTarget
{
    public override string Name => "console";

    public override int Share => 70;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes(SeedCorpus.Consoles);

    public override IReadOnlyList<string> Words { get; } =
    [
        "hil-agent: programs begin", "hil-agent: program #1 a logged the lines above", "hil-agent: program #", "logged the lines above", "Kernel panic - not syncing: ",
        "BUG: ", "INFO: task ", " blocked for more than", "rcu: INFO: ", "RIP: 0010:f+0x1/0x2", "Call Trace:", "KASAN: ", "Oops: ", "\u001b]0;title\a", "general protection fault",
        "unable to handle ", "<6>[    1.000000][ T1] ",
    ];

    public override void Feed(byte[] message)
    {
        var mirror = new StringWriter();
        var longest = 0;
        var capture = new ConsoleCapture(new TerminalMirror(mirror), line =>
        {
            longest = Math.Max(longest, line.Length);
            if (!ConsoleDiagnosis.IsPanic(line) && !ConsoleDiagnosis.IsAgentFailure(line)) _ = ConsoleDiagnosis.StallIn(line);
        });
        using var reader = new StreamReader(new MemoryStream(message));
        capture.ReadAsync(reader).GetAwaiter().GetResult();
        if (longest > ConsoleCapture.LongestLine) throw new FuzzException($"a line of {longest} characters");
        var console = capture.Text;
        if (ConsoleDiagnosis.Title(console) is { } title && title.Contains('\n')) throw new FuzzException("a title of two lines");
        if (ConsoleDiagnosis.OfLastProgram(console).Reports.Any(r => r.Title.Length == 0)) throw new FuzzException("a report without a title");
        var slices = ConsoleSlices.Of(console, 3);
        if (slices.Values.Sum(s => s.Sum(l => (long)l.Length)) > console.Length) throw new FuzzException("more lines than there were");
        if (mirror.ToString().Any(c => c is not ('\n' or '\t') && (char.IsControl(c) || c is >= '\u202a' and <= '\u202e'))) throw new FuzzException("a control character reaches the terminal");
    }
}
