namespace HilTests.Lab.Cache;

/// <summary>A lock between processes: a file held open exclusively. The kernel lets go of it when the holder dies.</summary>
internal sealed class FileLock : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <param name="path">The lock file; it stays there afterwards.</param>
    /// <param name="progress">Told once when another process has to be waited for.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<FileLock> TakeAsync(string path, Action<string>? progress, CancellationToken cancellation)
    {
        bool told = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryOpen(path) is { } file)
                return new FileLock(file);
            if (!told)
                progress?.Invoke($"waiting for another run that builds {Path.GetFileNameWithoutExtension(path)}");
            told = true;
            await Task.Delay(Poll, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Opens and locks a file; who disposes of the stream lets go of the lock.</summary>
    /// <returns>Null when another process, or another stream of this one, holds it.</returns>
    public static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException) && IsHeldByAnother(e))
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    // EWOULDBLOCK of flock(2), as .NET passes it on.
    private static bool IsHeldByAnother(IOException e) => (e.HResult & 0xffff) is 11 or 0x20;
}
