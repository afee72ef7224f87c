using System.CommandLine;
using HilTests.Cli.Nightly;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Cli.Commands;

/// <summary><c>hil nightly shard</c>: what engines start; by hand it runs one shard of a night.</summary>
internal sealed class NightlyShardCommand
{
    private readonly Argument<string> _night = new("NIGHT") { Description = "the night's folder" };
    private readonly Argument<int> _number = new("NUMBER") { Description = "the shard's number in plan.json" };
    private readonly Option<bool> _leash = new("--leash") { Description = "end, cleaning up, when standard input ends: whoever started it is gone" };

    public Command Build()
    {
        var command = new HilCommand("shard", "Runs one shard of a night, unless it has a result; engines call it.", """
            hil nightly shard results/nightly/latest 3
            runs shard 3 of the last night, where it has no result yet
            """)
        { _leash, _night, _number };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var root = Path.GetFullPath(parsed.GetValue(_night)!);
        var night = new NightFolder(Directory.ResolveLinkTarget(root, returnFinalTarget: true)?.FullName ?? root);
        var number = parsed.GetValue(_number);
        var shard = night.ReadPlan().Shards.FirstOrDefault(s => s.Number == number) ?? throw new UsageException($"{night.PlanFile} has no shard {number}");
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (parsed.GetValue(_leash)) _ = Task.Run(() => EndWithInput(both), CancellationToken.None);
        return await new ShardWork(night, shard, static text => Console.Error.WriteLine($"hil: {PrintableText.OneLine(text)}")).RunAsync(both.Token).ConfigureAwait(false);
    }

    private static void EndWithInput(CancellationTokenSource source)
    {
        using var input = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[16];
        while (input.Read(nothing) > 0)
        {
            // Nobody writes; what comes all the same means nothing.
        }
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The shard has ended first.
        }
    }
}
