using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Cache;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Images;

/// <summary>Compiles the agent ahead of time when its sources changed.</summary>
internal sealed class AgentBuilder(SourceTree tree, CacheFolder cache, Action<string>? progress)
{
    private static readonly string[] Projects = ["HilTests.Agent", "HilTests.Core", "HilTests.Uapi"];

    /// <returns>The path of the static executable, and the hash of the sources it was made from.</returns>
    /// <exception cref="InfrastructureException">It does not compile, or there is no SDK.</exception>
    public async Task<(string Path, string Build)> GetAsync(CancellationToken cancellation)
    {
        string build = HashSources();
        string folder = await cache.GetOrBuildAsync("agents", build, (into, token) => PublishAsync(build, into, token), progress, cancellation)
            .ConfigureAwait(false);
        return (Path.Combine(folder, "hil-agent"), build);
    }

    private string HashSources()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = Projects.SelectMany(p => Sources(tree.At("src", p)))
            .Concat([tree.At("Directory.Build.props"), tree.At("Directory.Packages.props"), tree.At("global.json")])
            .Order(StringComparer.Ordinal);
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(tree.Root, file) + "\n"));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d) is not ("bin" or "obj")).SelectMany(Sources))
        .Where(f => Path.GetExtension(f) is ".cs" or ".csproj" or ".json");

    private async Task PublishAsync(string build, string into, CancellationToken cancellation)
    {
        progress?.Invoke("building the agent");
        // A place of its own, so that this does not disturb a build that runs in the source tree.
        string place = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tree.Root)))[..8];
        string artifacts = Path.Combine(cache.Root, "agent-build", place);
        Directory.CreateDirectory(Path.GetDirectoryName(artifacts)!);
        await using var turn = await FileLock.TakeAsync(artifacts + ".lock", progress, cancellation).ConfigureAwait(false);
        // A build that was killed leaves files that the next one would take for finished: it begins anew.
        string unfinished = artifacts + ".unfinished";
        if (File.Exists(unfinished) && Directory.Exists(artifacts)) Directory.Delete(artifacts, recursive: true);
        Directory.CreateDirectory(artifacts);
        await File.WriteAllTextAsync(unfinished, "", cancellation).ConfigureAwait(false);
        var publish = new Command(Programs.Require("dotnet", "the .NET SDK"), "publish", tree.At("src", "HilTests.Agent"), "-c", "Release",
            "--nologo", "-v", "quiet", "--artifacts-path", artifacts, $"-p:InformationalVersion={build}", "-p:UseSharedCompilation=false",
            "-nodeReuse:false")
        {
            Variables = Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(v => v.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || v.StartsWith("VSTEST", StringComparison.Ordinal))
                .ToDictionary(v => v, _ => (string?)null),
        };
        await publish.MustAsync("build the agent", cancellation).ConfigureAwait(false);
        string built = Directory.GetFiles(Path.Combine(artifacts, "publish", "HilTests.Agent"), "hil-agent", SearchOption.AllDirectories).Single();
        if (!File.GetUnixFileMode(built).HasFlag(UnixFileMode.UserExecute))
            throw new InfrastructureException($"the agent was built, but {built} is no program; remove {artifacts} and try again");
        File.Copy(built, Path.Combine(into, "hil-agent"));
        File.Delete(unfinished);
    }
}
