using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Boot;

/// <summary>The file and the parameters that a module is to be loaded with.</summary>
internal sealed record ModuleSource(string Path, string Parameters);

/// <summary>
/// Which file and parameters each module of this machine is loaded with: at first those of the image, later what a swap
/// or a reload put there. Whoever removes and inserts modules asks here and writes down here.
/// </summary>
internal static class LoadedModules
{
    /// <summary>How long a module may stay in use by what is just going away.</summary>
    private const int PatienceMilliseconds = 1000;

    private static readonly Dictionary<string, ModuleSource> Current = [];

    /// <summary>The image's own file, with the parameters of its boot list; null for a module that the image does not hold.</summary>
    public static ModuleSource? OfImage(string name)
    {
        string? path = Lines(ModuleLoader.DependencyList).Select(l => l.Split(' ')).FirstOrDefault(f => f[0] == name)?[1];
        if (path is null) return null;
        string? boot = Lines(ModuleLoader.BootList).LastOrDefault(l => l.StartsWith(path + " ", StringComparison.Ordinal));
        return new ModuleSource(path, boot is null ? "" : boot[(path.Length + 1)..]);
    }

    /// <summary>What it is loaded with now; null for a module that the image does not hold.</summary>
    public static ModuleSource? Of(string name) => Current.TryGetValue(name, out var source) ? source : OfImage(name);

    /// <summary>Writes down that a module is loaded from another file, or with other parameters, from now on.</summary>
    public static void Set(string name, ModuleSource source) => Current[name] = source;

    /// <summary>Whether the kernel has it, loaded or built in.</summary>
    public static bool IsLoaded(string name) => Directory.Exists($"/sys/module/{name}");

    /// <summary>Removes a module; waits a moment for what still uses it to go.</summary>
    public static SyscallResult Remove(string name)
    {
        for (int waited = 0; ; waited += 10)
        {
            var removed = Sys.Check(libc.delete_module(name, fcntl_h.O_NONBLOCK), "delete_module", name);
            if (removed.Ok || removed.Error is not (Errno.EAGAIN or Errno.EBUSY) || waited >= PatienceMilliseconds)
                return removed;
            Thread.Sleep(10); // waits: for files that are being closed to let go of it, until the patience above
        }
    }

    /// <summary>Inserts a module. Nothing is written down: see <see cref="Set"/>.</summary>
    public static SyscallResult Insert(ModuleSource source)
    {
        if (!File.Exists(source.Path))
            return new SyscallResult(-1, Errno.ENOENT, "finit_module", source.Path);
        using var file = File.OpenHandle(source.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Sys.Check(libc.finit_module((int)file.DangerousGetHandle(), source.Parameters, 0), "finit_module", source.Path);
    }

    private static IEnumerable<string> Lines(string file) => File.Exists(file) ? File.ReadLines(file) : [];
}
