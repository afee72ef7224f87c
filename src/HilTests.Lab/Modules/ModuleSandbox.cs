using System.Formats.Tar;
using System.Globalization;
using HilTests.Lab.Machines;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>What is to be built in the sandbox.</summary>
/// <param name="Headers">The root of the unpacked header packages.</param>
/// <param name="Release">The kernel's release, which names the folder of headers.</param>
/// <param name="Tree">What is copied in: sources, or a tree that was built before.</param>
/// <param name="Changes">A folder that is laid over the copy; null for none.</param>
/// <param name="Gone">Files that are removed from the copy, below its root.</param>
/// <param name="IsWhole">Whether everything is compiled anew.</param>
/// <param name="KeepsTree">Whether the tree as built is wanted too, not only the modules.</param>
internal sealed record SandboxWork(string Headers, string Release, string Tree, string? Changes, IReadOnlyList<string> Gone, bool IsWhole, bool KeepsTree);

/// <summary>
/// Where make runs. A patch can change a Makefile, and a Makefile can run anything; so make gets a user number that owns nothing, no
/// network, no other process to see, and a file system of which it can write nothing but a folder in memory that vanishes with it. What comes
/// out is a stream of files, of which the host takes those it expects. The folder has the same name every time: make compiles anew what was
/// compiled elsewhere.
/// </summary>
internal static class ModuleSandbox
{
    /// <summary>Where the tree is for make, in the sandbox.</summary>
    public const string TreeRoot = "/mnt/tree";

    private const long LargestFile = 256L << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    // The folders are opened before anything is mounted: they may lie below a place that is covered. What make says goes to standard error;
    // standard output belongs to the stream.
    private const string Script = """
        set -e
        id=$1 release=$2 folder=$3 compiler=$4 jobs=$5 whole=$6 keep=$7; shift 7
        exec 6</dev/null 7<"$HIL_HEADERS" 8<"$HIL_TREE"
        [ -z "$HIL_CHANGES" ] || exec 6<"$HIL_CHANGES"
        cd /proc/self/fd/7
        mount -t tmpfs -o mode=755,size=2g none /mnt
        mkdir /mnt/headers /mnt/tree /mnt/out /mnt/out/debug
        mount --bind . /mnt/headers
        cd /
        mount -o remount,bind,ro /mnt/headers
        cp -a /proc/self/fd/8/. /mnt/tree/
        [ -z "$HIL_CHANGES" ] || cp -r /proc/self/fd/6/. /mnt/tree/
        exec 6<&- 7<&- 8<&-
        for gone in $HIL_GONE; do rm -f "/mnt/tree/$gone"; done
        [ "$whole" = no ] || find /mnt/tree -name '*.o' -delete
        run="setpriv --no-new-privs --inh-caps=-all --bounding-set=-all"
        if [ "$id" != 0 ]; then chown -R "$id:$id" /mnt/tree /mnt/out; run="$run --reuid $id --regid $id --clear-groups"; fi
        mount -t proc none /proc
        for place in /tmp /var/tmp /dev/shm /root /home /run /media /srv; do
            [ ! -d "$place" ] || mount -t tmpfs -o mode=755,size=64m none "$place"
        done
        chmod 1777 /tmp
        mount -o remount,bind,ro / 2>/dev/null || :
        cd /mnt/tree
        export HOME=/tmp LC_ALL=C.UTF-8
        unset HIL_HEADERS HIL_TREE HIL_CHANGES HIL_GONE
        $run prlimit --nproc=2000 --core=0 --as=4294967296 make -C "/mnt/headers/usr/src/linux-headers-$release" "M=/mnt/tree/$folder" "-j$jobs" "CC=$compiler" "$@" modules >&2
        for module in "$folder"/*.ko; do
            name=${module##*/}
            $run cp "$module" "/mnt/out/debug/$name" >&2
            $run strip --strip-debug -o "/mnt/out/$name" "$module" >&2
        done
        if [ "$keep" = yes ]; then exec tar -C /mnt --format=posix -cf - out tree; else exec tar -C /mnt --format=posix -cf - out; fi
        """;

    private static readonly Lazy<Task<string?>> s_weakness = new(FindWeaknessAsync);

    /// <summary>Why this machine cannot confine a build; null where it can.</summary>
    public static Task<string?> WeaknessAsync() => s_weakness.Value;

    /// <summary>Builds.</summary>
    /// <param name="work">What.</param>
    /// <param name="folder">The folder whose modules are built.</param>
    /// <param name="compiler">The compiler's name.</param>
    /// <param name="into">Gets the modules, those with debug information in <c>debug</c>.</param>
    /// <param name="treeInto">Gets the tree as built, where it is wanted.</param>
    /// <param name="cancellation">Ends it with all its processes.</param>
    /// <returns>make's exit code and what was said on standard error.</returns>
    /// <exception cref="InfrastructureException">The sandbox could not be made.</exception>
    public static async Task<(int ExitCode, string Said)> BuildAsync(
        SandboxWork work, ModuleFolder folder, string compiler, string into, string? treeInto, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        string aside = Path.GetTempFileName();
        try
        {
            CommandResult result;
            await using (var stream = new FileStream(aside, FileMode.Create, FileAccess.ReadWrite))
            {
                var command = new Command(Entering[0], [
                    .. Entering.Skip(1), "sh", "-c", Script, "hil-build",
                    $"{Confinement.BuildId}", work.Release, folder.Path, compiler, $"{Environment.ProcessorCount}", work.IsWhole ? "yes" : "no", work.KeepsTree ? "yes" : "no",
                    "CONFIG_DEBUG_INFO_BTF_MODULES=", .. folder.Settings])
                {
                    Folder = "/",
                    OutputTo = stream,
                    Variables = new Dictionary<string, string?>
                    {
                        ["HIL_HEADERS"] = work.Headers,
                        ["HIL_TREE"] = work.Tree,
                        ["HIL_CHANGES"] = work.Changes ?? "",
                        ["HIL_GONE"] = string.Join(' ', work.Gone),
                    },
                };
                result = await command.RunAsync(limit.Token).ConfigureAwait(false);
                stream.Position = 0;
                if (result.ExitCode == 0)
                    await TakeAsync(stream, folder, into, treeInto, cancellation).ConfigureAwait(false);
            }
            return (result.ExitCode, result.Errors.Replace($"{TreeRoot}/", "", StringComparison.Ordinal));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new PatchException($"building the modules of {folder.Path} did not end in {Limit.TotalMinutes:0} minutes");
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <summary>New namespaces, in which root may mount; a user who is not root becomes root of a namespace of his own.</summary>
    private static IReadOnlyList<string> Entering { get; } =
    [
        "unshare", .. Environment.IsPrivilegedProcess ? (string[])[] : ["--user", "--map-root-user"],
        "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--propagation", "private", "--",
    ];

    private static async Task<string?> FindWeaknessAsync()
    {
        if (Programs.Find("unshare") is null)
            return "unshare (Debian package util-linux) is not there";
        var tried = await new Command(Entering[0], [.. Entering.Skip(1), "sh", "-c", "mount -t tmpfs none /mnt && mount -t proc none /proc"]) { Folder = "/" }
            .RunAsync(CancellationToken.None).ConfigureAwait(false);
        return tried.ExitCode == 0 ? null : $"namespaces cannot be made here: {tried.Errors.Trim().Split('\n')[0]}";
    }

    /// <summary>The stream comes from whoever a Makefile is: plain files of the expected names only.</summary>
    private static async Task TakeAsync(Stream stream, ModuleFolder folder, string into, string? treeInto, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(into, "debug"));
        await using var reader = new TarReader(stream, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            string? to = entry.Name.Split('/') switch
            {
                ["out", var module] when IsModule(module) => Path.Combine(into, module),
                ["out", "debug", var module] when IsModule(module) => Path.Combine(into, "debug", module),
                ["tree", .. var rest] when treeInto is not null && rest.All(p => p is not (".." or "." or "")) => Path.Combine([treeInto, .. rest]),
                _ => null,
            };
            if (to is null)
                continue;
            if (entry.Length > LargestFile)
                throw new PatchException(string.Create(CultureInfo.InvariantCulture, $"building {folder.Path} made a file of {entry.Length} bytes: {entry.Name}"));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            await entry.ExtractToFileAsync(to, overwrite: false, cancellation).ConfigureAwait(false);
            File.SetLastWriteTimeUtc(to, entry.ModificationTime.UtcDateTime);
            File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private static bool IsModule(string name) => name.EndsWith(".ko", StringComparison.Ordinal) && name.Length <= 60 && name[..^3].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
