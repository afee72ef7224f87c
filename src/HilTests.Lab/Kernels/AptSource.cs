using HilTests.Lab.Processes;
using Polly;
using Polly.Retry;

namespace HilTests.Lab.Kernels;

/// <summary>
/// Downloads Debian packages without installing them. Where the host runs the wanted suite its own apt is asked;
/// elsewhere apt gets a state of its own in the cache, with the host's mirror and the other suite.
/// </summary>
internal sealed class AptSource(string suite, string stateFolder, Action<string>? progress)
{
    private static readonly ResiliencePipeline Download = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<InfrastructureException>(),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromSeconds(2),
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    private string? _configuration;

    /// <summary>The package that <paramref name="package"/> stands for: itself, or what the meta package depends on.</summary>
    /// <returns>Name and version.</returns>
    public async Task<(string Package, string Version)> ResolveAsync(string package, CancellationToken cancellation)
    {
        await PrepareAsync(cancellation).ConfigureAwait(false);
        var meta = await ShowAsync(package, cancellation).ConfigureAwait(false);
        string depends = meta.GetValueOrDefault("Depends", "");
        string first = depends.Split([',', '|', ' '], 2)[0].Trim();
        if (!first.StartsWith("linux-image-", StringComparison.Ordinal))
            return (package, meta["Version"]);
        var real = await ShowAsync(first, cancellation).ConfigureAwait(false);
        return (first, real["Version"]);
    }

    /// <summary>Downloads one package into <paramref name="folder"/>; tries again when the mirror falters.</summary>
    /// <returns>The path of the .deb.</returns>
    public async Task<string> DownloadAsync(string package, string version, string folder, CancellationToken cancellation)
    {
        await PrepareAsync(cancellation).ConfigureAwait(false);
        progress?.Invoke($"downloading {package} {version}");
        await Download.ExecuteAsync(
            async token => await (Apt("apt-get", "download", $"{package}={version}") with { Folder = folder })
                .MustAsync($"download {package} {version}", token).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        return Directory.GetFiles(folder, "*.deb").Single();
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        Programs.Require("apt-get", "apt");
        if (_configuration is not null)
            return;
        if (HostSuite() == suite)
        {
            _configuration = "";
            return;
        }
        await MakeStateAsync(cancellation).ConfigureAwait(false);
        progress?.Invoke($"reading the package lists of {suite}");
        await Download.ExecuteAsync(
            async token => await Apt("apt-get", "update").MustAsync($"read the package lists of {suite}", token).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
    }

    private async Task MakeStateAsync(CancellationToken cancellation)
    {
        var targets = await new Command("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)")
            .MustAsync("ask apt for its mirrors", cancellation).ConfigureAwait(false);
        string? mirror = targets.Output.Split('\n').Where(l => l.StartsWith("Debian http", StringComparison.Ordinal))
            .Select(l => l.Split(' ')[1]).FirstOrDefault(u => !u.Contains("security", StringComparison.Ordinal));
        mirror ??= Environment.GetEnvironmentVariable("HIL_DEBIAN_MIRROR")
            ?? throw new InfrastructureException("apt of this host knows no Debian mirror; set HIL_DEBIAN_MIRROR to the address of one");
        foreach (string sub in (string[])["lists/partial", "archives/partial"])
            Directory.CreateDirectory(Path.Combine(stateFolder, sub));
        string At(string name) => Path.Combine(stateFolder, name);
        await File.WriteAllTextAsync(At("sources.list"),
            $"deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} {suite} main\n", cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(At("status"), "", cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(At("apt.conf"), $"""
            Dir::Etc::sourcelist "{At("sources.list")}";
            Dir::Etc::sourceparts "-";
            Dir::State::Lists "{At("lists")}";
            Dir::State::status "{At("status")}";
            Dir::Cache "{stateFolder}";
            Acquire::Check-Valid-Until "false";
            APT::Architecture "amd64";

            """, cancellation).ConfigureAwait(false);
        _configuration = At("apt.conf");
    }

    private async Task<Dictionary<string, string>> ShowAsync(string package, CancellationToken cancellation)
    {
        var shown = await Apt("apt-cache", "show", "--no-all-versions", package).RunAsync(cancellation).ConfigureAwait(false);
        if (shown.ExitCode != 0 || shown.Output.Length == 0)
        {
            throw new InfrastructureException(
                $"apt knows no package {package} in {suite}; run `sudo apt-get update`, or see /etc/apt for the sources\n{shown.Errors.Trim()}");
        }
        return shown.Output.Split('\n')
            .Where(l => l.Length > 0 && l[0] != ' ' && l.Contains(": ", StringComparison.Ordinal))
            .Select(l => l.Split(": ", 2)).DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1]);
    }

    private Command Apt(string program, params string[] arguments) => new(program, arguments)
    {
        Variables = new Dictionary<string, string?>
        {
            ["APT_CONFIG"] = string.IsNullOrEmpty(_configuration) ? null : _configuration,
            ["LC_ALL"] = "C",
        },
    };

    private static string? HostSuite() =>
        File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").Where(l => l.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))
                .Select(l => l.Split('=')[1].Trim('"')).FirstOrDefault()
            : null;
}
