using System.CommandLine;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Kernels;

namespace HilTests.Cli.Commands;

/// <summary><c>hil kernels</c>: which kernels are there or can be had.</summary>
internal sealed class KernelsCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "a name of the list" };

    public Command Build()
    {
        var list = new HilCommand("kernels", "Lists the kernels that can be asked for by name.", """
            hil kernels
            prints one line a kernel: its name, its release, whether it is here or would be downloaded
            """);
        list.SetAction(_ => List());
        var fetch = new HilCommand("fetch", "Downloads and prepares a kernel, so that the next run need not.", """
            hil kernels fetch bookworm
            downloads the kernel package of bookworm and unpacks it into the cache
            """)
        { _name };
        fetch.SetAction(FetchAsync);
        list.Add(fetch);
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
        var names = KernelList.Load(SourceTree.Find());
        var name = MachineChoice.Known(parsed.GetValue(_name)!);
        await HostRequirements.EnsureAsync(Note, cancellation).ConfigureAwait(false);
        var kernel = await new KernelStore(names, CacheFolder.Default(), Note).ResolveAsync(name, cancellation).ConfigureAwait(false);
        Console.Out.WriteLine($"{name} is here: {kernel.Release} ({kernel.PackageVersion})");
        return ExitCode.Conforms;
    }

    private static void Note(string text) => Console.Error.WriteLine($"hil: {text}");
}
