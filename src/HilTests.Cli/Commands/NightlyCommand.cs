using System.CommandLine;
using HilTests.Cli.Nightly;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Models;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Cli.Commands;

/// <summary><c>hil nightly</c>: every kernel, every suite of a matrix, and one page in the morning.</summary>
internal sealed class NightlyCommand
{
    private readonly Argument<string> _matrix = new("MATRIX") { Arity = ArgumentArity.ZeroOrOne, Description = "a matrix file (YAML); docs/nightly.md describes it" };
    private readonly Option<string?> _engine = new("--engine") { HelpName = "local|slurm", Description = "where shards run: on this host (default), or on a Slurm cluster; with --resume as before" };
    private readonly Option<bool> _resume = new("--resume") { Description = "go on with the last night, which was interrupted or killed, in the way it was run" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "list the shards with their estimated time, and run nothing" };
    private readonly Option<string> _lab = new("--lab") { HelpName = "DIR", Description = "the lab's folder: its nights and its history; with slurm one that every node sees", DefaultValueFactory = _ => Path.Combine("results", "nightly") };
    private readonly Option<int?> _jobs = new("--jobs", "-j") { HelpName = "N", Description = "shards that run at once on this host, one machine each; default: as many as cores and memory carry" };
    private readonly Option<string?> _partition = new("--partition") { HelpName = "NAME", Description = "the cluster's partition; default: its own default" };
    private readonly Option<string?> _shardCommand = new("--shard-command") { HelpName = "WORDS", Description = "run each shard by these words, the night's folder and the shard's number; default: this hil. For a container, or a cluster whose nodes have hil elsewhere" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress; only the summary" };

    public Command Build()
    {
        var command = new HilCommand("nightly", "Runs a matrix of kernels and suites, keeps their history, and writes one page about what changed.", """
            hil nightly docs/nightly/matrix.yaml --dry-run
            lists the shards of the matrix with their estimated time; without --dry-run it runs them and writes results/nightly/latest/index.html
            """)
        { _matrix, _engine, _resume, _dryRun, _lab, _jobs, _partition, _shardCommand, _quiet };
        _engine.AcceptOnlyFromAmong("local", "slurm");
        CommandLine.RefuseOptionsAs(_matrix);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_jobs) is < 1 or > 1000) result.AddError("--jobs: a number from 1 to 1000 is needed");
            if (result.GetValue(_resume) && result.GetValue(_dryRun)) result.AddError("--resume goes on with a plan that was made; --dry-run makes one: give one of them");
        });
        command.SetAction(RunAsync);
        command.Add(new NightlyShardCommand().Build());
        return command;
    }

    /// <summary>What a matrix may name.</summary>
    internal static MatrixWords Words()
    {
        var store = new KernelStore(KernelList.Load(SourceTree.Find()), CacheFolder.Default(), null);
        return new MatrixWords([.. ModelRegistry.Devices], name =>
        {
            try
            {
                store.Check(name);
                return null;
            }
            catch (UnknownKernelException e)
            {
                return e.Message;
            }
        });
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var file = parsed.GetValue(_matrix);
        var resume = parsed.GetValue(_resume);
        if (file is null && !resume) throw new UsageException("a matrix file is needed: hil nightly MATRIX (docs/nightly/matrix.yaml is an example), or --resume");
        var quiet = parsed.GetValue(_quiet);
        Action<string> note = quiet ? static _ => { } : static text => Console.Error.WriteLine($"hil: {PrintableText.OneLine(text)}");
        var settings = new NightlySettings
        {
            Command = CommandLine.AsTyped(parsed),
            Lab = parsed.GetValue(_lab)!,
            Engine = parsed.GetValue(_engine),
            Said = new NightEngine
            {
                Engine = "",
                Jobs = parsed.GetValue(_jobs),
                Partition = parsed.GetValue(_partition),
                ShardCommand = parsed.GetValue(_shardCommand)?.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            },
        };
        var matrix = file is null ? null : MatrixFile.Read(file, Words());
        var session = new NightlySession(settings, note);
        if (parsed.GetValue(_dryRun)) return session.DryRun(matrix!, Console.Out);
        return await session.RunAsync(matrix, file is null ? "" : await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false), resume, cancellation).ConfigureAwait(false);
    }
}
