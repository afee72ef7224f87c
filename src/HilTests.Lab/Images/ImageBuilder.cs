using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Images;

/// <summary>Packs the agent, the kernel modules and the tools into an archive the kernel unpacks at boot.</summary>
internal sealed class ImageBuilder(SourceTree tree, CacheFolder cache, Action<string>? progress)
{
    /// <summary>Changes with the layout of the image, so that older ones are not used.</summary>
    private const int Layout = 4;

    private const int Executable = 0x1ed; // 0755

    /// <exception cref="InfrastructureException">A tool is not installed, a module cannot be read, the cache cannot be written.</exception>
    public async Task<MachineImage> GetAsync(
        KernelPackage kernel, string agent, string agentBuild, IReadOnlyList<ModuleOverride> overrides, CancellationToken cancellation)
    {
        var (fragment, text) = ImageFragment.LoadAll(tree);
        string key = Key(kernel, agentBuild, text, fragment, overrides);
        string folder = await cache.GetOrBuildAsync("images", key, (into, token) =>
            BuildAsync(kernel, agent, fragment, overrides, into, token), progress, cancellation).ConfigureAwait(false);
        return new MachineImage(Path.Combine(folder, "initramfs.cpio"), fragment.Parameters,
            await File.ReadAllLinesAsync(Path.Combine(folder, "modules-left-out"), cancellation).ConfigureAwait(false), folder);
    }

    private static string Key(
        KernelPackage kernel, string agentBuild, string fragments, ImageFragment fragment, IReadOnlyList<ModuleOverride> overrides)
    {
        var parts = new StringBuilder();
        parts.Append(CultureInfo.InvariantCulture, $"{Layout}\n{kernel.Release}\n{kernel.PackageVersion}\n{kernel.Identity}\n{agentBuild}\n{fragments}\n");
        foreach (string tool in fragment.Tools)
        {
            var file = new FileInfo(RequireTool(tool));
            parts.Append(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}\n");
        }
        foreach (var o in overrides)
        {
            if (!File.Exists(o.Path))
                throw new InfrastructureException($"the module {o.Name} is to be taken from {o.Path}, but there is no such file");
            using var stream = File.OpenRead(o.Path);
            parts.Append(CultureInfo.InvariantCulture, $"{o.Name} {string.Join(',', o.Needs)} {Convert.ToHexStringLower(SHA256.HashData(stream))}\n");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())))[..32];
    }

    private async Task BuildAsync(
        KernelPackage kernel, string agent, ImageFragment fragment, IReadOnlyList<ModuleOverride> overrides, string into, CancellationToken cancellation)
    {
        progress?.Invoke($"building the image for kernel {kernel.Release}");
        await using var archive = new FileStream(Path.Combine(into, "initramfs.cpio"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        var cpio = new CpioWriter(archive);
        // Without this node the kernel gives the first process no standard output, and a failing agent no voice.
        cpio.CharacterDevice("dev/console", 5, 1);
        cpio.File("init", await File.ReadAllBytesAsync(agent, cancellation).ConfigureAwait(false), Executable);
        var leftOut = await new ImageModules(cpio, kernel, overrides).AddAsync(fragment, cancellation).ConfigureAwait(false);
        await AddToolsAsync(cpio, fragment, cancellation).ConfigureAwait(false);
        foreach (string path in (string[])["proc", "sys", "tmp", "run", .. fragment.Folders])
            cpio.Directory(path);
        foreach (var (path, target) in fragment.Links)
            cpio.Link(path, target);
        cpio.Text("etc/hil/knobs", Lines(fragment.Knobs.Select(k => $"{k.File} {k.Value}")));
        cpio.Finish();
        await File.WriteAllTextAsync(Path.Combine(into, "modules-left-out"), Lines(leftOut), cancellation).ConfigureAwait(false);
    }

    private static async Task AddToolsAsync(CpioWriter cpio, ImageFragment fragment, CancellationToken cancellation)
    {
        foreach (string tool in fragment.Tools)
        {
            string path = RequireTool(tool);
            cpio.File($"bin/{tool}", await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false), Executable);
            foreach (string library in await LibrariesAsync(path, cancellation).ConfigureAwait(false))
                cpio.File(library, await File.ReadAllBytesAsync(library, cancellation).ConfigureAwait(false), Executable);
        }
    }

    /// <summary>The files the dynamic linker would load, at the paths where it looks for them.</summary>
    private static async Task<IEnumerable<string>> LibrariesAsync(string program, CancellationToken cancellation)
    {
        var ldd = await new Command("ldd", program).RunAsync(cancellation).ConfigureAwait(false);
        if (ldd.ExitCode != 0)
            return []; // ldd says "not a dynamic executable" and fails: nothing is needed.
        if (ldd.Output.Contains("not found", StringComparison.Ordinal))
            throw new InfrastructureException($"{program} does not run on this machine either, libraries are missing:\n{ldd.Output}");
        return ldd.Output.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] == '/');
    }

    private static string RequireTool(string tool) => Programs.Require(tool, tool switch
    {
        "busybox" => "busybox-static",
        "mkfs.f2fs" or "fsck.f2fs" => "f2fs-tools",
        _ => $"that provides {tool}",
    });

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(l => l + "\n"));
}
