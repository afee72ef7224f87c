using System.Globalization;

namespace HilTests.Lab.Kernels;

/// <summary>One package as <c>apt-cache show</c> describes it.</summary>
internal sealed class AptStanza(IReadOnlyDictionary<string, string> fields)
{
    public string Package => fields["Package"];

    public string Version => fields["Version"];

    /// <summary>Names of the packages it depends on, in order; of alternatives the first.</summary>
    public IReadOnlyList<string> Depends =>
    [
        .. fields.GetValueOrDefault("Depends", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(d => d.Split([' ', '|', ':'], 2)[0]),
    ];

    /// <exception cref="InfrastructureException">The package list gives no hash for it.</exception>
    public DebPackage ToPackage() =>
        fields.TryGetValue("SHA256", out string? hash) && hash.Length == 64
        && long.TryParse(fields.GetValueOrDefault("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? new DebPackage(Package, Version, hash.ToLowerInvariant(), bytes)
            : throw new InfrastructureException($"the package list gives no SHA-256 for {Package} {Version}");

    /// <summary>Reads stanzas: lines <c>Field: value</c>, an empty line between two packages; continued lines are left out.</summary>
    public static IReadOnlyList<AptStanza> Parse(string text) =>
    [
        .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(Fields)
            .Where(f => f.ContainsKey("Package") && f.ContainsKey("Version")).Select(f => new AptStanza(f)),
    ];

    private static Dictionary<string, string> Fields(string stanza) =>
        stanza.Split('\n').Where(l => l.Length > 0 && l[0] != ' ' && l.Contains(": ", StringComparison.Ordinal))
            .Select(l => l.Split(": ", 2)).DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1]);
}
