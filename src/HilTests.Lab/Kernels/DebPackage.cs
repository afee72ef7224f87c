using System.Globalization;

namespace HilTests.Lab.Kernels;

/// <summary>One version of one Debian package, as the signed package list of its suite describes it.</summary>
/// <param name="Name">Name of the package: <c>linux-image-6.1.0-56-amd64</c>.</param>
/// <param name="Version">Debian version: <c>6.1.192-2</c>.</param>
/// <param name="Sha256">SHA-256 of the .deb, in lower-case hex.</param>
/// <param name="Bytes">Length of the .deb in bytes.</param>
public sealed record DebPackage(string Name, string Version, string Sha256, long Bytes)
{
    /// <summary>The line of a pin file.</summary>
    internal string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Version} {Sha256} {Bytes}");

    /// <returns>Null when the line is no package.</returns>
    internal static DebPackage? FromLine(string line) =>
        line.Split(' ') is [var name, var version, { Length: 64 } hash, var bytes]
        && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out long length)
            ? new DebPackage(name, version, hash, length)
            : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version}";
}
