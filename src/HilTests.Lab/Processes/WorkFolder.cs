using System.Diagnostics;

namespace HilTests.Lab.Processes;

/// <summary>
/// A temporary folder with what belongs to it: the process whose id is in its file <c>pid</c>. Both go when it is
/// disposed of, and also when this process dies in any way: a small shell process holds the end of a pipe, and when
/// the pipe breaks it kills and removes.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private const string Marker = ".hil-work";

    // Kills only a process whose command line names the folder: ids are reused.
    private const string ReaperScript = """
        dirs=
        while IFS= read -r dir; do dirs="$dirs$dir
        "; done
        IFS='
        '
        for dir in $dirs; do
            [ -f "$dir/.hil-work" ] || continue
            if read -r pid <"$dir/pid" && grep -qF -- "$dir" "/proc/$pid/cmdline"; then kill -9 "$pid"; fi
            rm -rf -- "$dir"
        done
        """;

    private static readonly SemaphoreSlim ReaperTurn = new(1, 1);
    private static Process? s_reaper;

    private WorkFolder(string path) => Path = path;

    /// <summary>The folder's path; short, because socket paths may have 107 bytes at most.</summary>
    public string Path { get; }

    public static async Task<WorkFolder> CreateAsync()
    {
        var folder = new WorkFolder(Directory.CreateTempSubdirectory($"hil-{Environment.ProcessId}-").FullName);
        await File.WriteAllTextAsync(folder.At(Marker), "").ConfigureAwait(false);
        await TellReaperAsync(folder.Path).ConfigureAwait(false);
        return folder;
    }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Names the process that must not outlive this one; its command line must hold the folder's path.</summary>
    public void Owns(Process process) => File.WriteAllText(At("pid"), $"{process.Id}\n");

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody cleaned up the temporary folder before us: nothing is left behind.
        }
    }

    private static async Task TellReaperAsync(string path)
    {
        await ReaperTurn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (s_reaper is null || s_reaper.HasExited)
                s_reaper = await StartReaperAsync().ConfigureAwait(false);
            await s_reaper.StandardInput.WriteAsync(path + "\n").ConfigureAwait(false);
            await s_reaper.StandardInput.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            ReaperTurn.Release();
        }
    }

    private static Task<Process> StartReaperAsync()
    {
        // Its own session, so that Ctrl-C does not reach it; and no pdeathsig, since it has to outlive us.
        var info = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (string word in (string[])["sh", "-c", ReaperScript, "hil-reaper"])
            info.ArgumentList.Add(word);
        return SpawnThread.StartAsync(info);
    }
}
