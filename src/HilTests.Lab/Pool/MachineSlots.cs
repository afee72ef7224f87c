using HilTests.Lab.Cache;

namespace HilTests.Lab.Pool;

/// <summary>
/// Places for machines that all processes with one cache folder share: numbered files, each locked by the process whose
/// machine it stands for. The kernel lets go of a lock when its holder dies, so a slot of a dead process is free.
/// </summary>
internal sealed class MachineSlots(CacheFolder cache, int count)
{
    private const string Folder = "slots";

    /// <summary>Takes a free slot.</summary>
    /// <returns>Null when all are taken, by this process or by others.</returns>
    /// <exception cref="InfrastructureException">The files cannot be made.</exception>
    public FileStream? TryTake()
    {
        string folder = Path.Combine(cache.Root, Folder);
        try
        {
            Directory.CreateDirectory(folder);
            return Enumerable.Range(0, count).Select(n => FileLock.TryOpen(Path.Combine(folder, $"{n}.lock"))).FirstOrDefault(f => f is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InfrastructureException($"the slots of machines in {folder} cannot be used: {e.Message}; make it writable, or set {CacheFolder.PathVariable} to a folder that is", e);
        }
    }
}
