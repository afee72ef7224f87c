using System.CommandLine;
using System.Globalization;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;

namespace HilTests.Cli.Commands;

/// <summary><c>hil kernels</c>: which kernels are there or can be had.</summary>
internal sealed class KernelsCommand
{
    private readonly Argument<string[]> _names = new("NAME") { Description = "names of the list, or NAME/VERSION, or paths", Arity = ArgumentArity.ZeroOrMore };

    private readonly Argument<string> _name = new("NAME") { Description = "a name of the list" };

    private readonly Option<bool> _all = new("--all") { Description = "every name of the list" };

    private readonly Option<bool> _newest = new("--newest") { Description = "ask the archive for the newest version, even where the name stands for an older one already" };

    private readonly Option<bool> _images = new("--images") { Description = "build the agent and the VM's image of each kernel too, so that the first run need not" };

    public Command Build()
    {
        var list = new HilCommand("kernels", "Lists the kernels that can be asked for by name.", """
            hil kernels
            prints one line a kernel: its name, its release, whether it is here or would be downloaded
            """);
        list.SetAction(_ => List());
        var fetch = new HilCommand("fetch", "Downloads and prepares kernels; afterwards they need no network.", """
            hil kernels fetch bookworm sid bookworm/6.1.0-47
            downloads the packages of three kernels and unpacks them into the cache
            """)
        { _names, _all, _newest, _images };
        CommandLine.RefuseOptionsAs(_names);
        fetch.SetAction(FetchAsync);
        var versions = new HilCommand("versions", "Lists the versions of a name that the archive has now.", """
            hil kernels versions bookworm
            prints one line a version: what to give to --kernel, the release, the package's version
            """)
        { _name };
        CommandLine.RefuseOptionsAs(_name);
        versions.SetAction(VersionsAsync);
        list.Add(fetch);
        list.Add(versions);
        return list;
    }

    private static int List()
    {
        var names = KernelList.Load(SourceTree.Find());
        var store = new KernelStore(names, CacheFolder.Default(), null);
        Console.Out.WriteLine($"{"NAME",-24}{"RELEASE",-28}{"VERSION",-24}STATE");
        foreach (var kernel in names.Kernels)
        {
            var prepared = store.Prepared(kernel.Name);
            var version = prepared?.PackageVersion ?? store.Pinned(kernel.Name)?.Version ?? "-";
            Console.Out.WriteLine($"{kernel.Name,-24}{prepared?.Release ?? "-",-28}{version,-24}{(prepared is null ? $"can be had: hil kernels fetch {kernel.Name}" : "here")}");
        }
        return ExitCode.Conforms;
    }

    private async Task<int> FetchAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var list = KernelList.Load(SourceTree.Find());
        string[] names = parsed.GetValue(_all) ? [.. list.Kernels.Select(k => k.Name)] : [.. (parsed.GetValue(_names) ?? []).Select(MachineChoice.Known)];
        if (names.Length == 0) throw new UsageException($"name a kernel, or give --all; known are {string.Join(", ", list.Kernels.Select(k => k.Name))}");
        await HostRequirements.EnsureAsync(Note, cancellation).ConfigureAwait(false);
        var store = new KernelStore(list, CacheFolder.Default(), Note);
        foreach (var name in names)
        {
            if (parsed.GetValue(_newest)) store.Unpin(name);
            var kernel = await store.ResolveAsync(name, cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"{name} is here: {kernel.Release} ({kernel.PackageVersion})");
            if (!parsed.GetValue(_images)) continue;
            var agent = await QemuMachine.BuildAsync(new MachineOptions { Kernel = name, Progress = Note }, cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"{name}: the image is here, with the agent of {agent}");
        }
        return ExitCode.Conforms;
    }

    private async Task<int> VersionsAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetValue(_name)!;
        var store = new KernelStore(KernelList.Load(SourceTree.Find()), CacheFolder.Default(), Note);
        Console.Out.WriteLine($"{"NAME",-40}{"RELEASE",-28}VERSION");
        foreach (var kernel in await store.VersionsAsync(name, cancellation).ConfigureAwait(false))
        {
            var size = (kernel.Package.Bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);
            Console.Out.WriteLine($"{$"{name}/{kernel.ShortRelease}",-40}{kernel.Release,-28}{kernel.Package.Version} ({size} MB)");
        }
        return ExitCode.Conforms;
    }

    private static void Note(string text) => Console.Error.WriteLine($"hil: {text}");
}
