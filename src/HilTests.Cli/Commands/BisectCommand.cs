using System.CommandLine;
using HilTests.Cli.Nightly;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Kernels;
using HilTests.Reporting;

namespace HilTests.Cli.Commands;

/// <summary><c>hil bisect</c>: which version of a distribution's kernel began it.</summary>
internal sealed class BisectCommand
{
    private readonly Argument<string> _program = new("PROGRAM") { Description = "a program file: a counterexample of a run, for instance" };
    private readonly Option<string> _good = new("--good") { HelpName = "KERNEL", Description = "a version that conforms: NAME/VERSION as `hil kernels versions NAME` lists them", Required = true };
    private readonly Option<string> _bad = new("--bad") { HelpName = "KERNEL", Description = "a version that does not; NAME alone is the newest", Required = true };
    private readonly Option<int> _runs = new("--runs") { HelpName = "N", Description = "how often a version has to conform to be called good", DefaultValueFactory = _ => 2 };
    private readonly Option<string?> _out = new("--out") { HelpName = "DIR", Description = "folder for the results; default results/DATE-TIME, with a link results/latest" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress; only what was found" };
    private readonly MachineChoice _machine = new();

    public Command Build()
    {
        var command = new HilCommand("bisect", "Finds the version of a kernel package that began to do something.", """
            hil bisect --good bookworm/6.1.0-44 --bad bookworm results/latest/counterexamples/tx-basic.hil
            runs the program on the versions between the two that the archive has, halving them, and names the first that fails
            """)
        { _good, _bad, _runs, _out, _quiet, _program };
        _machine.AddTo(command, withMachine: false);
        foreach (var kernel in command.Options.Where(o => o.Name == "--kernel").ToList()) command.Options.Remove(kernel);
        CommandLine.RefuseOptionsAs(_program);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_runs) is { Implicit: false } && result.GetValue(_runs) is (< 1 or > 100)) result.AddError("--runs: a number from 1 to 100 is needed");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var program = RunCommand.ReadJudged(parsed.GetValue(_program)!);
        var list = KernelList.Load(SourceTree.Find());
        Action<string> note = parsed.GetValue(_quiet) ? static _ => { } : static text => Console.Error.WriteLine($"hil: {PrintableText.OneLine(text)}");
        var (name, good, bad) = Ends(list, parsed.GetValue(_good)!, parsed.GetValue(_bad)!);
        await HostRequirements.EnsureAsync(note, cancellation).ConfigureAwait(false);
        var versions = (await new KernelStore(list, CacheFolder.Default(), note).VersionsAsync(name, cancellation).ConfigureAwait(false)).Select(v => v.ShortRelease).Reverse().Distinct().ToList();
        var kernels = Between(name, versions, good, bad ?? versions[^1]);
        note($"{kernels.Count} versions, both ends included: {string.Join(", ", kernels)}");
        var command = CommandLine.AsTyped(parsed);
        var folder = parsed.GetValue(_out) is { } named ? ResultFolder.Claim(named, command) : ResultFolder.ClaimDated("results", DateTimeOffset.Now, command);
        var bisect = new KernelBisect(new BisectSettings(command, _machine.Accelerator(parsed), parsed.GetValue(_runs)), program, kernels, folder.Path, note)
        {
            Stepped = soFar => Keep(soFar, kernels, folder.Path, isOver: false),
        };
        return await RunAsync(bisect, kernels, folder.Path, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs it, and writes what it found out, however it ends.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(KernelBisect bisect, IReadOnlyList<string> kernels, string folder, CancellationToken cancellation)
    {
        var isOver = false;
        try
        {
            await bisect.RunAsync(cancellation).ConfigureAwait(false);
            isOver = true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            Console.Out.Write(Keep(bisect, kernels, folder, isOver));
        }
        return bisect.Bisection is { Untold.Count: 0 } ? ExitCode.Conforms : ExitCode.Inconclusive;
    }

    /// <summary>The name that both ends share, and their versions.</summary>
    /// <exception cref="UsageException">They are not versions of one name.</exception>
    internal static (string Name, string Good, string? Bad) Ends(KernelList list, string good, string bad)
    {
        if (list.Split(good) is not { Version: { } goodVersion } one) throw new UsageException($"--good {good}: a version is needed, NAME/VERSION; `hil kernels versions NAME` lists them. For a kernel tree see docs/nightly.md: git bisect run");
        if (list.Split(bad) is not { } other) throw new UsageException($"--bad {bad}: a name of `hil kernels` is needed, or NAME/VERSION");
        return one.Kernel.Name == other.Kernel.Name
            ? (one.Kernel.Name, goodVersion, other.Version)
            : throw new UsageException($"--good is a version of {one.Kernel.Name} and --bad one of {other.Kernel.Name}: between two names there are no versions to try");
    }

    /// <summary>The kernels from the good one to the bad one; the good one may be the newer.</summary>
    /// <exception cref="UsageException">The archive has not both, or they are the same.</exception>
    internal static IReadOnlyList<string> Between(string name, IReadOnlyList<string> oldestFirst, string good, string bad)
    {
        int At(string option, string version) => oldestFirst.ToList().IndexOf(version) is var at and >= 0
            ? at
            : throw new UsageException($"{option} {name}/{version}: the archive has no such version now; it has {string.Join(", ", oldestFirst)}");
        var (from, to) = (At("--good", good), At("--bad", bad));
        if (from == to) throw new UsageException($"--good and --bad are the same version, {name}/{good}");
        var between = oldestFirst.Skip(Math.Min(from, to)).Take(Math.Abs(to - from) + 1).Select(v => $"{name}/{v}");
        return [.. from < to ? between : between.Reverse()];
    }

    private static string Keep(KernelBisect bisect, IReadOnlyList<string> kernels, string folder, bool isOver)
    {
        using var text = new StringWriter { NewLine = "\n" };
        BisectText.Write(bisect, kernels, isOver, folder, text);
        ResultFolder.WriteFile(Path.Combine(folder, "bisect.txt"), writer => writer.Write(text));
        return text.ToString();
    }
}
