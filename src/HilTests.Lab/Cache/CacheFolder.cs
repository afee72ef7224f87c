using System.Text.RegularExpressions;

namespace HilTests.Lab.Cache;

/// <summary>
/// What was built once and is used again: unpacked kernels, agents, images. An entry is a folder that appears whole
/// (built beside its place, then renamed), is built by one process at a time, and carries a manifest with the hash of
/// its files: a damaged entry is noticed and built anew.
/// </summary>
public sealed partial class CacheFolder
{
    /// <summary>The environment variable that names another place.</summary>
    public const string PathVariable = "HIL_CACHE";

    public CacheFolder(string root) => Root = root;

    /// <summary>The folder that holds all entries.</summary>
    public string Root { get; }

    /// <summary><c>HIL_CACHE</c>, else <c>$XDG_CACHE_HOME/hil</c>, else <c>~/.cache/hil</c>.</summary>
    public static CacheFolder Default()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
            return new CacheFolder(Path.GetFullPath(named));
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return new CacheFolder(Path.Combine(string.IsNullOrEmpty(xdg) ? Path.Combine(home, ".cache") : xdg, "hil"));
    }

    /// <summary>Gives the folder of an entry; builds it when it is not there or damaged.</summary>
    /// <param name="kind">Kind of entry, such as <c>kernels</c>: one folder each.</param>
    /// <param name="key">The entry's name, which must change with everything that goes into it.</param>
    /// <param name="build">Fills the empty folder it is given.</param>
    /// <param name="progress">Told in words when something is built or rebuilt.</param>
    /// <param name="cancellation">Ends waiting and building; nothing half-built stays.</param>
    /// <exception cref="InfrastructureException">The cache cannot be written, the disk is full, or the build failed.</exception>
    public async Task<string> GetOrBuildAsync(
        string kind, string key, Func<string, CancellationToken, Task> build, Action<string>? progress, CancellationToken cancellation)
    {
        string folder = PathOf(kind, key);
        if (CacheManifest.Check(folder) is CacheState.Whole)
            return folder;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            await using var turn = await FileLock.TakeAsync(folder + ".lock", progress, cancellation).ConfigureAwait(false);
            RemoveUnfinished(folder);
            switch (CacheManifest.Check(folder))
            {
                case CacheState.Whole:
                    return folder;
                case CacheState.Damaged:
                    progress?.Invoke($"cache entry {kind}/{key} is damaged; it is built anew");
                    break;
            }
            await BuildAsync(folder, build, cancellation).ConfigureAwait(false);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InfrastructureException(Explain(e, kind, key), e);
        }
    }

    /// <summary>Where an entry is, or would be.</summary>
    internal string PathOf(string kind, string key) => Path.Combine(Root, kind, SafeName(key));

    /// <summary>Checks an entry byte for byte and removes it when it is damaged.</summary>
    /// <returns>False when it was damaged (and is gone now).</returns>
    public static bool VerifyFully(string folder)
    {
        if (CacheManifest.Check(folder, readEverything: true) is CacheState.Whole)
            return true;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return false;
    }

    private static async Task BuildAsync(string folder, Func<string, CancellationToken, Task> build, CancellationToken cancellation)
    {
        string fresh = $"{folder}.{Environment.ProcessId}.new";
        try
        {
            Remove(fresh);
            Directory.CreateDirectory(fresh);
            await build(fresh, cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            CacheManifest.Write(fresh);
            Remove(folder);
            Directory.Move(fresh, folder);
        }
        finally
        {
            Remove(fresh);
        }
    }

    // The lock is ours, so whoever began them is dead.
    private static void RemoveUnfinished(string folder)
    {
        foreach (string unfinished in Directory.EnumerateDirectories(Path.GetDirectoryName(folder)!, $"{Path.GetFileName(folder)}.*.new"))
            Remove(unfinished);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private string Explain(Exception e, string kind, string key)
    {
        string remedy = IsDiskFull(e)
            ? $"the disk is full: free some space, or set {PathVariable} to a folder on another disk"
            : $"make {Root} writable, or set {PathVariable} to a folder that is";
        return $"could not build the cache entry {kind}/{key} in {Root}: {e.Message}; {remedy}";
    }

    // .NET reports ENOSPC (28) and EDQUOT (122) as an IOException whose HResult is the errno.
    private static bool IsDiskFull(Exception e) => (e.HResult & 0xffff) is 28 or 122 or 0x70;

    private static string SafeName(string key) => Unsafe().Replace(key, "_");

    [GeneratedRegex("[^A-Za-z0-9._+~-]")]
    private static partial Regex Unsafe();
}
