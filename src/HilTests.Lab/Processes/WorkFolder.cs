using System.Diagnostics;

namespace HilTests.Lab.Processes;

/// <summary>
/// A temporary folder with what belongs to it: the process whose id is in its file <c>pid</c>. Both go when it is
/// disposed of, and also when this process dies in any way: a small shell process holds the end of a pipe, and when
/// the pipe breaks it kills and removes. Should that process die too, the next run sweeps.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    /// <summary>Marks a folder of ours; locked for as long as its owner lives, since process ids are used again.</summary>
    internal const string Marker = ".hil-owner";

    // Kills only a process whose command line names the folder. First it sweeps what others left: folders of this user
    // whose owner holds no lock any more. A folder younger than a minute may not have its lock yet.
    private const string ReaperScript = """
        reap() {
            if read -r pid <"$1/pid" && grep -qF -- "$1/" "/proc/$pid/cmdline"; then kill -9 "$pid"; fi
            rm -rf -- "$1"
        }
        for dir in "$1"/hil-*-*; do
            mark="$dir/.hil-owner"
            [ -f "$mark" ] && [ -O "$mark" ] && [ -O "$dir" ] && [ ! -L "$dir" ] && [ ! -L "$mark" ] || continue
            [ -n "$(find "$mark" -mmin +1)" ] && flock -n "$mark" true && reap "$dir"
        done 2>/dev/null
        dirs=
        while IFS= read -r dir; do dirs="$dirs$dir
        "; done
        IFS='
        '
        for dir in $dirs; do
            [ -f "$dir/.hil-owner" ] && reap "$dir"
        done 2>/dev/null
        """;

    private static readonly SemaphoreSlim ReaperTurn = new(1, 1);
    private static Process? s_reaper;

    private readonly FileStream _mark;

    private WorkFolder(string path)
    {
        Path = path;
        _mark = new FileStream(At(Marker), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The folder's path; short, because socket paths may have 107 bytes at most.</summary>
    public string Path { get; }

    public static async Task<WorkFolder> CreateAsync()
    {
        var folder = new WorkFolder(Directory.CreateTempSubdirectory($"hil-{Environment.ProcessId}-").FullName);
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
        _mark.Dispose();
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
        var info = SpawnThread.InOwnSession(["sh", "-c", ReaperScript, "hil-reaper", System.IO.Path.GetTempPath().TrimEnd('/')]);
        info.WorkingDirectory = "/";
        return SpawnThread.StartAsync(info);
    }
}
