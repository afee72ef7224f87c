using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using HilTests.Lab.Cache;

namespace HilTests.Lab.Machines.Templates;

/// <summary>
/// A machine that was booted once, kept as files: its memory, the state of its devices, its agent's hello, its console
/// so far. As long as an object of this class is held, the files are not pruned.
/// </summary>
internal sealed class Template : IDisposable
{
    private const string MemoryFile = "memory";
    private const string StateFile = "state";
    private const string HelloFile = "hello";
    private const string ConsoleFile = "console";
    private const string RecordFile = "record";

    // Templates that were read byte for byte since this process began; a crash does not have to do it again.
    private static readonly ConcurrentDictionary<string, bool> Verified = new();

    private readonly FileStream? _hold;

    private Template(string folder, FileStream? hold)
    {
        Folder = folder;
        _hold = hold;
        Hello = File.ReadAllText(Path.Combine(folder, HelloFile));
        Console = File.ReadAllText(Path.Combine(folder, ConsoleFile));
    }

    public string Folder { get; }

    /// <summary>The guest's memory, byte for byte; mostly holes.</summary>
    public string Memory => Path.Combine(Folder, MemoryFile);

    /// <summary>The state of the devices, as QEMU wrote it.</summary>
    public string State => Path.Combine(Folder, StateFile);

    /// <summary>What the agent said first.</summary>
    public string Hello { get; }

    /// <summary>What the kernel said until then.</summary>
    public string Console { get; }

    /// <summary>Opens a template of the cache after a quick check.</summary>
    /// <param name="folder">The cache entry; its manifest was checked by the cache.</param>
    /// <param name="useFile">Is locked, shared with others, while the template is in use.</param>
    /// <exception cref="InfrastructureException">It is not whole.</exception>
    /// <exception cref="IOException">It is not there any more, or cannot be read.</exception>
    public static Template Open(string folder, string useFile)
    {
        var hold = Hold(useFile);
        try
        {
            string? digest = File.ReadLines(Path.Combine(folder, RecordFile))
                .FirstOrDefault(l => l.StartsWith("state-sha256=", StringComparison.Ordinal))?["state-sha256=".Length..];
            string found = Digest(Path.Combine(folder, StateFile));
            if (digest != found)
                throw new InfrastructureException($"the template {folder} is damaged: the state of its devices has SHA-256 {found}, not {digest ?? "(none recorded)"}");
            // QEMU opens the memory for writing, though it writes to a copy only. To find out here gives the better message.
            using (new FileStream(Path.Combine(folder, MemoryFile), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
                return new Template(folder, hold);
        }
        catch
        {
            hold?.Dispose();
            throw;
        }
    }

    /// <summary>Boots a machine, lets it answer once, and writes all of it into a folder.</summary>
    /// <param name="boot">Boots the machine with this file as its memory.</param>
    /// <param name="memoryBytes">The size of its memory.</param>
    /// <param name="qemu">What QEMU calls itself, for a reader of the record.</param>
    /// <param name="folder">Empty.</param>
    /// <param name="cancellation">Ends it; the machine goes.</param>
    public static async Task WriteAsync(
        Func<string, Task<QemuMachine>> boot, long memoryBytes, string qemu, string folder, CancellationToken cancellation)
    {
        string memory = Path.Combine(folder, MemoryFile);
        EnsureSpace(folder, memoryBytes);
        using (var file = new FileStream(memory, FileMode.CreateNew, FileAccess.Write))
            file.SetLength(memoryBytes);
        Confinement.AdmitAll(memory);
        await using (var machine = await boot(memory).ConfigureAwait(false))
        {
            // The first request of a kind is the slowest; copies shall find it done.
            await machine.ProbeAsync(cancellation).ConfigureAwait(false);
            string hello = await machine.SaveAsync(Path.Combine(folder, StateFile), cancellation).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(folder, HelloFile), hello, cancellation).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(folder, ConsoleFile), machine.ConsoleText, cancellation).ConfigureAwait(false);
        }
        using (var file = File.OpenHandle(memory, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        string record = string.Create(CultureInfo.InvariantCulture,
            $"state-sha256={Digest(Path.Combine(folder, StateFile))}\nmemory-bytes={memoryBytes}\nqemu={qemu}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, RecordFile), record, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads every byte; a damaged template is removed from the cache.</summary>
    /// <returns>What is wrong, in words; null when nothing is.</returns>
    public string? FindDamage() => Verified.GetOrAdd(Folder, CacheFolder.VerifyFully)
        ? null
        : $"the template {Folder} was damaged and has been removed; the next start builds it anew";

    /// <summary>Forgets what was found out about a template that was removed or built anew.</summary>
    public static void Forget(string folder) => Verified.TryRemove(folder, out _);

    public void Dispose() => _hold?.Dispose();

    private static FileStream? Hold(string useFile)
    {
        FileStream hold;
        try
        {
            hold = new FileStream(useFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
        }
        catch (UnauthorizedAccessException)
        {
            return null; // A cache that cannot be written is not pruned either.
        }
        try
        {
            File.SetLastWriteTimeUtc(hold.SafeFileHandle, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The time only says which template was used last; the lock counts.
        }
        return hold;
    }

    private static void EnsureSpace(string folder, long memoryBytes)
    {
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < memoryBytes)
            throw new InfrastructureException($"a template wants {memoryBytes >> 20} MiB on the disk of {folder}, where {free >> 20} MiB are free");
    }

    private static string Digest(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
