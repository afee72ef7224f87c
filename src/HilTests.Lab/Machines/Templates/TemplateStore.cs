using System.Collections.Concurrent;
using HilTests.Lab.Cache;
using HilTests.Lab.Processes;
using Mono.Unix.Native;

namespace HilTests.Lab.Machines.Templates;

/// <summary>The templates of a cache: found, built, thrown away when they are damaged or there are too many.</summary>
internal sealed class TemplateStore(CacheFolder cache, Action<string>? progress)
{
    /// <summary>What templates may take on the disk, in bytes; above that, those that were not used for longest go.</summary>
    public const long MostBytes = 4L << 30;

    private const string Kind = "templates";

    /// <summary>Templates whose copies did not come up twice in this process, with the reason.</summary>
    private static readonly ConcurrentDictionary<string, string> GivenUp = new();

    /// <summary>For tests: another limit.</summary>
    internal long Limit { get; init; } = MostBytes;

    /// <summary>
    /// Makes a clone. When it does not come up it is tried again: a QEMU may have been killed. A template that is damaged,
    /// or whose clones failed twice, is thrown away and built anew, once; after that, and when no template can be had at
    /// all, it is an error.
    /// </summary>
    /// <param name="options">The machine.</param>
    /// <param name="parts">What it is built of.</param>
    /// <param name="accelerator">Decided: KVM or TCG.</param>
    /// <param name="start">Starts the clone; owns the template from then on.</param>
    /// <param name="cancellation">Ends building and waiting.</param>
    /// <exception cref="InfrastructureException">No clone; says why.</exception>
    public async Task<QemuMachine> CloneAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, Func<Template, Task<QemuMachine>> start, CancellationToken cancellation)
    {
        string key = TemplateKey.Of(options, parts, QemuMachine.Name(accelerator));
        string folder = cache.PathOf(Kind, key);
        if (GivenUp.TryGetValue(folder, out string? reason))
            throw new InfrastructureException($"clones were given up: {reason}");
        bool isRebuilt = false;
        for (int failures = 0; ;)
        {
            var template = await GetAsync(key, options, parts, accelerator, cancellation).ConfigureAwait(false);
            try
            {
                return await start(template).ConfigureAwait(false);
            }
            catch (InfrastructureException e)
            {
                string? damage = template.FindDamage();
                template.Dispose();
                if (damage is null && ++failures < 2)
                {
                    progress?.Invoke($"{e.Message.Split('\n')[0]}; trying another clone of the same template");
                    continue;
                }
                progress?.Invoke($"{e.Message.Split('\n')[0]}; its template is thrown away{(damage is null ? "" : $": {damage}")}");
                Remove(folder);
                if (!isRebuilt)
                {
                    (isRebuilt, failures) = (true, 0);
                    continue;
                }
                GivenUp[folder] = e.Message.Split('\n')[0];
                throw;
            }
        }
    }

    private async Task<Template> GetAsync(
        string key, MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, CancellationToken cancellation)
    {
        for (bool isSecond = false; ; isSecond = true)
        {
            bool isNew = false;
            string folder = await cache.GetOrBuildAsync(Kind, key, async (into, token) =>
            {
                isNew = true;
                Template.Forget(cache.PathOf(Kind, key));
                await BuildAsync(options, parts, accelerator, into, token).ConfigureAwait(false);
            }, progress, cancellation).ConfigureAwait(false);
            try
            {
                var template = Template.Open(folder, folder + ".use");
                if (isNew)
                    Prune();
                return template;
            }
            catch (InfrastructureException e) when (!isSecond)
            {
                progress?.Invoke($"{e.Message}; it is built anew");
                Remove(folder);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !isSecond)
            {
                // Another process pruned it between the two calls: build it anew.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InfrastructureException($"the template {folder} cannot be used: {e.Message}", e);
            }
        }
    }

    private async Task BuildAsync(MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, string into, CancellationToken cancellation)
    {
        progress?.Invoke($"making a template of kernel {parts.Kernel.Release} to clone machines from");
        var version = await new Command(QemuCommandLine.Program, "--version").MustAsync("ask QEMU for its version", cancellation).ConfigureAwait(false);
        await Template.WriteAsync(
            memory => QemuMachine.BootTemplateAsync(options with { ConsoleMirror = null }, parts, accelerator, memory, cancellation),
            (long)options.MemoryMiB << 20, version.Output.Split('\n')[0], into, cancellation).ConfigureAwait(false);
    }

    /// <summary>Removes the templates that were not used for longest until the rest is small enough. One in use stays.</summary>
    internal void Prune()
    {
        string root = Path.Combine(cache.Root, Kind);
        var entries = Directory.EnumerateDirectories(root)
            .Select(folder => (Folder: folder, Bytes: BytesOnDisk(folder), Used: LastUse(folder)))
            .OrderBy(e => e.Used).ToList();
        long total = entries.Sum(e => e.Bytes);
        foreach (var (folder, bytes, _) in entries.SkipLast(1).TakeWhile(_ => total > Limit))
        {
            if (!TryRemoveUnused(folder))
                continue;
            total -= bytes;
            progress?.Invoke($"removed the template {Path.GetFileName(folder)}, not used for longest ({bytes >> 20} MiB)");
        }
    }

    /// <summary>A build that was killed leaves a folder <c>KEY.PID.new</c>; whoever can lock the key may remove it.</summary>
    private static bool TryRemoveUnused(string folder)
    {
        string key = folder.EndsWith(".new", StringComparison.Ordinal) ? folder[..folder.IndexOf('.', folder.LastIndexOf('/'))] : folder;
        try
        {
            using var building = new FileStream(key + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using var using_ = new FileStream(key + ".use", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Remove(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // In use.
        }
    }

    private static void Remove(string folder)
    {
        Template.Forget(folder);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else removed it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InfrastructureException($"the template {folder} is of no use and cannot be removed: {e.Message}", e);
        }
    }

    private static DateTime LastUse(string folder) =>
        File.Exists(folder + ".use") ? File.GetLastWriteTimeUtc(folder + ".use") : DateTime.MinValue;

    private static long BytesOnDisk(string folder) =>
        Directory.EnumerateFiles(folder).Sum(f => Syscall.stat(f, out var status) == 0 ? status.st_blocks * 512 : 0);
}
