using System.Security.Cryptography;
using HilTests.Lab.Cache;

namespace HilTests.Lab.Kernels;

/// <summary>
/// Debian packages as they were downloaded, kept: what was fetched once can be unpacked again without a network. A file is
/// there whole or not at all, and its hash is compared whenever it is used.
/// </summary>
internal sealed class DebCache(CacheFolder cache, Action<string>? progress)
{
    /// <summary>Fetches one package into an empty folder and gives back its path.</summary>
    public delegate Task<string> Downloader(DebPackage package, string folder, CancellationToken cancellation);

    /// <summary>The path of a package's .deb; downloads it when it is not there, or not what it should be.</summary>
    /// <exception cref="InfrastructureException">It cannot be had, or what came is not the package: thrown away, so that the next call fetches it again.</exception>
    public async Task<string> GetAsync(DebPackage package, Downloader download, CancellationToken cancellation)
    {
        string folder = Path.Combine(cache.Root, "debs");
        string file = Path.Combine(folder, FileName(package));
        try
        {
            if (File.Exists(file) && await IsWholeAsync(file, package, cancellation).ConfigureAwait(false))
                return file;
            Directory.CreateDirectory(folder);
            await using var turn = await FileLock.TakeAsync(file + ".lock", progress, cancellation).ConfigureAwait(false);
            if (File.Exists(file))
            {
                if (await IsWholeAsync(file, package, cancellation).ConfigureAwait(false))
                    return file;
                progress?.Invoke($"the kept package {package} is damaged; it is fetched again");
                File.Delete(file);
            }
            await FetchAsync(package, file, download, cancellation).ConfigureAwait(false);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InfrastructureException(
                $"could not keep {package} in {folder}: {e.Message}; make it writable with some space, or set {CacheFolder.PathVariable} to another folder", e);
        }
    }

    /// <summary>Whether the package is there; its content is not looked at.</summary>
    public bool Has(DebPackage package) => File.Exists(Path.Combine(cache.Root, "debs", FileName(package)));

    private static async Task FetchAsync(DebPackage package, string file, Downloader download, CancellationToken cancellation)
    {
        string scratch = file + ".new";
        try
        {
            if (Directory.Exists(scratch)) // Of a process that was killed.
                Directory.Delete(scratch, recursive: true);
            Directory.CreateDirectory(scratch);
            string came = await download(package, scratch, cancellation).ConfigureAwait(false);
            long length = new FileInfo(came).Length;
            if (length != package.Bytes)
            {
                throw new InfrastructureException(
                    $"the download of {package} is incomplete: {length} of {package.Bytes} bytes came. It was thrown away; try again");
            }
            string hash = await HashAsync(came, cancellation).ConfigureAwait(false);
            if (hash != package.Sha256)
            {
                throw new InfrastructureException(
                    $"what was downloaded as {package} is something else: its SHA-256 is {hash}, the package list says {package.Sha256}. It was thrown away; try again");
            }
            File.Move(came, file);
        }
        finally
        {
            if (Directory.Exists(scratch))
                Directory.Delete(scratch, recursive: true);
        }
    }

    private static async Task<bool> IsWholeAsync(string file, DebPackage package, CancellationToken cancellation) =>
        new FileInfo(file).Length == package.Bytes && await HashAsync(file, cancellation).ConfigureAwait(false) == package.Sha256;

    private static async Task<string> HashAsync(string file, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }

    private static string FileName(DebPackage package) => $"{package.Name}_{package.Version.Replace(':', '%')}_{package.Sha256[..8]}.deb";
}
