using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>The mirrors a suite is fetched from.</summary>
/// <param name="Archive">Address of the main archive, with the suites below its folder dists.</param>
/// <param name="Security">Address of the archive of suites that end in <c>-security</c>.</param>
internal sealed record AptMirrors(string Archive, string Security)
{
    /// <summary>The environment variable that names a mirror of the main archive.</summary>
    public const string Variable = "HIL_DEBIAN_MIRROR";

    /// <summary>The environment variable that names a mirror of the security archive.</summary>
    public const string SecurityVariable = "HIL_DEBIAN_SECURITY_MIRROR";

    /// <summary>What the environment says, else what the host's apt uses.</summary>
    /// <exception cref="InfrastructureException">Neither knows one.</exception>
    public static async Task<AptMirrors> FindAsync(CancellationToken cancellation)
    {
        string? archive = Named(Variable), security = Named(SecurityVariable);
        if (archive is null)
        {
            var targets = await new Command("apt-get", "indextargets", "--format", "$(REPO_URI)").RunAsync(cancellation).ConfigureAwait(false);
            var known = targets.Output.Split('\n').Select(l => l.TrimEnd('/')).Distinct().ToList();
            archive = known.FirstOrDefault(u => u.EndsWith("/debian", StringComparison.Ordinal));
            security ??= known.FirstOrDefault(u => u.EndsWith("/debian-security", StringComparison.Ordinal));
        }
        if (archive is null)
            throw new InfrastructureException($"apt of this host knows no Debian mirror; set {Variable} to the address of one");
        return new AptMirrors(archive, security ?? $"{archive}-security");
    }

    /// <summary>The mirror that holds a suite.</summary>
    public string For(string suite) => suite.EndsWith("-security", StringComparison.Ordinal) ? Security : Archive;

    private static string? Named(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value.TrimEnd('/') : null;
}
