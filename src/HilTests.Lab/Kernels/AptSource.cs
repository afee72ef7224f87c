using System.Globalization;
using HilTests.Lab.Cache;
using HilTests.Lab.Processes;
using Polly;
using Polly.Retry;

namespace HilTests.Lab.Kernels;

/// <summary>
/// Asks apt about the packages of one kernel name and downloads them, without installing. apt gets a state of its own in the
/// cache, so that it is the same on every host and the host's own apt is never touched. Old suites are fine: their
/// Release files are past their date, and the packages are checked by signature and hash all the same.
/// </summary>
internal sealed class AptSource(IReadOnlyList<string> suites, string stateFolder, Action<string>? progress)
{
    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    private static readonly ResiliencePipeline Retries = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<InfrastructureException>(),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromSeconds(2),
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    private bool _isPrepared;

    private string ConfigFile => Path.Combine(stateFolder, "apt.conf");

    /// <summary>The newest version of a package, with what the package list says of it.</summary>
    /// <exception cref="InfrastructureException">The suites have no such package, or the mirror cannot be reached.</exception>
    public async Task<AptStanza> ShowAsync(string package, CancellationToken cancellation)
    {
        var stanzas = await ShowAllAsync([package], cancellation).ConfigureAwait(false);
        return stanzas.Count > 0 ? stanzas[0] : throw new InfrastructureException($"{string.Join(" and ", suites)} have no package {package}");
    }

    /// <summary>A given version of a package.</summary>
    /// <exception cref="InfrastructureException">The suites do not have it any more.</exception>
    public async Task<AptStanza> ShowAsync(string package, string version, CancellationToken cancellation)
    {
        var stanzas = await ShowAllAsync([package], cancellation).ConfigureAwait(false);
        return stanzas.FirstOrDefault(s => s.Version == version) ?? throw new InfrastructureException(
            $"{string.Join(" and ", suites)} have no {package} of version {version}" +
            (stanzas.Count > 0 ? $", only {string.Join(", ", stanzas.Select(s => s.Version))}" : "") + "; the mirror keeps a version for some time only");
    }

    /// <summary>Every version of every package whose name begins so, in no order.</summary>
    public async Task<IReadOnlyList<AptStanza>> FindAsync(string prefix, Func<string, bool> filter, CancellationToken cancellation)
    {
        await PrepareAsync(cancellation).ConfigureAwait(false);
        var names = await Apt("apt-cache", "pkgnames", prefix).MustAsync($"list the packages of {suites[0]}", cancellation).ConfigureAwait(false);
        return await ShowAllAsync([.. names.Output.Split('\n').Where(n => n.Length > 0 && filter(n))], cancellation).ConfigureAwait(false);
    }

    /// <summary>Downloads one package into an empty folder; tries again when the mirror falters.</summary>
    /// <returns>The path of the .deb.</returns>
    public async Task<string> DownloadAsync(DebPackage package, string folder, CancellationToken cancellation)
    {
        await PrepareAsync(cancellation).ConfigureAwait(false);
        progress?.Invoke(string.Create(CultureInfo.InvariantCulture, $"downloading {package} ({package.Bytes / 1e6:0.0} MB)"));
        await Retries.ExecuteAsync(
            async token => await (Apt("apt-get", "download", $"{package.Name}={package.Version}") with { Folder = folder })
                .MustAsync($"download {package}", token).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        return Directory.GetFiles(folder, "*.deb").SingleOrDefault()
            ?? throw new InfrastructureException($"apt said that it downloaded {package}, but there is no .deb");
    }

    /// <summary>Reads the package lists anew before the next question.</summary>
    public void Refresh()
    {
        if (Directory.Exists(stateFolder))
            File.Delete(Path.Combine(stateFolder, "updated"));
        _isPrepared = false;
    }

    private async Task<IReadOnlyList<AptStanza>> ShowAllAsync(IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        await PrepareAsync(cancellation).ConfigureAwait(false);
        if (packages.Count == 0)
            return [];
        var shown = await Apt("apt-cache", ["show", "--all-versions", .. packages]).RunAsync(cancellation).ConfigureAwait(false);
        return AptStanza.Parse(shown.Output);
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        if (_isPrepared)
            return;
        Programs.Require("apt-get", "apt");
        if (!File.Exists(Keyring))
            throw new InfrastructureException($"{Keyring} is not there: install the package debian-archive-keyring");
        Directory.CreateDirectory(stateFolder);
        await using var turn = await FileLock.TakeAsync(Path.Combine(stateFolder, "hil.lock"), progress, cancellation).ConfigureAwait(false);
        string updated = Path.Combine(stateFolder, "updated");
        string sources = Sources(await AptMirrors.FindAsync(cancellation).ConfigureAwait(false));
        if (!File.Exists(updated) || await File.ReadAllTextAsync(updated, cancellation).ConfigureAwait(false) != sources)
        {
            await MakeStateAsync(sources, cancellation).ConfigureAwait(false);
            progress?.Invoke($"reading the package lists of {string.Join(", ", suites)}");
            await Retries.ExecuteAsync(async token => await UpdateAsync(token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            await File.WriteAllTextAsync(updated, sources, cancellation).ConfigureAwait(false);
        }
        _isPrepared = true;
    }

    private async Task UpdateAsync(CancellationToken cancellation)
    {
        // apt takes a mirror that cannot be reached for a warning, unless told otherwise.
        await Apt("apt-get", "update", "--error-on=any")
            .MustAsync($"read the package lists of {string.Join(", ", suites)} (is the mirror reachable? {AptMirrors.Variable} names another)", cancellation)
            .ConfigureAwait(false);
    }

    private string Sources(AptMirrors mirrors) => string.Concat(
        suites.Select(s => $"deb [arch=amd64 signed-by={Keyring} target=Packages] {mirrors.For(s)} {s} main\n"));

    private async Task MakeStateAsync(string sources, CancellationToken cancellation)
    {
        foreach (string sub in (string[])["lists/partial", "archives/partial"])
            Directory.CreateDirectory(Path.Combine(stateFolder, sub));
        string At(string name) => Path.Combine(stateFolder, name);
        await File.WriteAllTextAsync(At("sources.list"), sources, cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(At("status"), "", cancellation).ConfigureAwait(false);
        // The sandbox user of apt cannot write below a home folder; signatures and hashes are checked without it too.
        await File.WriteAllTextAsync(ConfigFile, $"""
            Dir::Etc::sourcelist "{At("sources.list")}";
            Dir::Etc::sourceparts "-";
            Dir::Etc::preferences "-";
            Dir::Etc::preferencesparts "-";
            Dir::State::Lists "{At("lists")}";
            Dir::State::status "{At("status")}";
            Dir::Cache "{stateFolder}";
            Acquire::Check-Valid-Until "false";
            Acquire::Languages "none";
            Acquire::Retries "1";
            Acquire::http::Timeout "20";
            APT::Architecture "amd64";
            APT::Sandbox::User "root";

            """, cancellation).ConfigureAwait(false);
    }

    private Command Apt(string program, params string[] arguments) => new(program, arguments)
    {
        Variables = new Dictionary<string, string?> { ["APT_CONFIG"] = ConfigFile, ["LC_ALL"] = "C" },
    };
}
