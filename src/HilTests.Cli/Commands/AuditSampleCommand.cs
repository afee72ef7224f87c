using System.CommandLine;
using HilTests.Lab;
using HilTests.Lab.Host;
using HilTests.Lab.Mutation;

namespace HilTests.Cli.Commands;

/// <summary><c>hil audit sample</c>: draws new mutants by the systematic operators and writes them as patches.</summary>
internal sealed class AuditSampleCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "whose modules are changed" };
    private readonly Option<int> _count = new("--count") { HelpName = "N", Description = "how many to keep", DefaultValueFactory = _ => 60 };
    private readonly Option<ulong> _seed = new("--seed") { HelpName = "N", Description = "seed of the draw", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _into = new("--out") { HelpName = "DIR", Description = "folder for the patches: DIR/DEVICE", Required = true };
    private readonly MachineChoice _machine = new();

    public Command Build()
    {
        var command = new HilCommand("sample", "Draws new mutants from the kernel's sources and writes them as patches.", """
            hil audit sample vhost-net --count 20 --seed 7 --out /tmp/unseen
            writes 20 patches that compile to other code; `hil audit vhost-net --set /tmp/unseen` tries them
            """)
        { _device, _count, _seed, _into };
        _machine.AddTo(command, withMachine: false);
        CommandLine.RefuseOptionsAs(_device);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_count) < 1) result.AddError("--count: a number from 1 up is needed");
        });
        command.SetAction(SampleAsync);
        return command;
    }

    private async Task<int> SampleAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var device = AuditCommand.Known(parsed.GetValue(_device)!);
        await HostRequirements.EnsureAsync(Note, cancellation, forVms: false).ConfigureAwait(false);
        var builder = await MutantBuilder.ForAsync(_machine.Kernel(parsed), Note, cancellation).ConfigureAwait(false);
        var scope = MutationScope.Read(MutantSet.Folder(SourceTree.Find()), device);
        var became = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var kept = await builder.SampleAsync(device, scope.Files, scope.Includes, parsed.GetValue(_seed), parsed.GetValue(_count), Path.Combine(parsed.GetValue(_into)!, device), (mutation, what) =>
        {
            became[what] = became.GetValueOrDefault(what) + 1;
            Note($"{mutation.Name}: {what}");
        }, cancellation).ConfigureAwait(false);
        Console.Out.WriteLine($"{kept} mutants of {device} in {Path.Combine(parsed.GetValue(_into)!, device)}; drawn: {string.Join(", ", became.Select(b => $"{b.Value} {b.Key}"))}");
        return ExitCode.Conforms;
    }

    private static void Note(string text) => Console.Error.WriteLine($"hil: {text}");
}
