using System.Text.RegularExpressions;

namespace HilTests.Lab.Kernels;

/// <summary>One kernel version that a suite has.</summary>
/// <param name="Release">As <c>uname -r</c> will say.</param>
/// <param name="Package">Its image package.</param>
public sealed record ArchivedKernel(string Release, DebPackage Package)
{
    /// <summary>The release without its flavour, <c>6.1.0-47</c>: what follows the '/' of a kernel's name.</summary>
    public string ShortRelease => KernelArchive.ShortOf(Package.Name);
}

/// <summary>Knows how Debian cuts kernels into packages.</summary>
internal sealed partial class KernelArchive(KnownKernel kernel, AptSource apt)
{
    /// <summary>The packages of the newest kernel of the name, the one that holds or stands for the image first.</summary>
    public async Task<IReadOnlyList<DebPackage>> NewestAsync(CancellationToken cancellation)
    {
        apt.Refresh();
        var meta = await apt.ShowAsync(kernel.Package, cancellation).ConfigureAwait(false);
        string? image = meta.Depends.FirstOrDefault(IsImage);
        return await WithPartsAsync(image is null ? meta : await apt.ShowAsync(image, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
    }

    /// <summary>The packages of one version.</summary>
    /// <param name="version">Release with or without its flavour (<c>6.1.0-47</c>), or version of the package (<c>6.1.170-3</c>).</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="UnknownKernelException">The suite does not have it; names what it has.</exception>
    public async Task<IReadOnlyList<DebPackage>> VersionAsync(string version, CancellationToken cancellation)
    {
        var found = await FindAsync(version, cancellation).ConfigureAwait(false);
        if (found is null)
        {
            apt.Refresh(); // The lists may be old.
            found = await FindAsync(version, cancellation).ConfigureAwait(false);
        }
        if (found is not null)
            return await WithPartsAsync(found, cancellation).ConfigureAwait(false);
        var all = await ListAsync(cancellation).ConfigureAwait(false);
        throw new UnknownKernelException(
            $"{kernel.Name} has no kernel {version}; it has {string.Join(", ", all.Select(k => $"{k.ShortRelease} ({k.Package.Version})"))}");
    }

    /// <summary>Every kernel version of the name's flavour that the suites still have, newest first.</summary>
    public async Task<IReadOnlyList<ArchivedKernel>> ListAsync(CancellationToken cancellation) =>
    [
        .. (await ImagesAsync(cancellation).ConfigureAwait(false)).Select(s => new ArchivedKernel(s.Package["linux-image-".Length..], s.ToPackage()))
            .OrderByDescending(k => k.Package.Version, VersionOrder.Instance),
    ];

    /// <summary>Whether this package is the image of a real kernel, not of a flavour we do not use and not a meta package by its name.</summary>
    internal static bool IsImage(string package) => Image().IsMatch(package);

    /// <summary><c>6.1.0-47</c> of <c>linux-image-6.1.0-47-amd64</c>.</summary>
    internal static string ShortOf(string package) => package["linux-image-".Length..^"-amd64".Length];

    private async Task<AptStanza?> FindAsync(string version, CancellationToken cancellation)
    {
        var images = await ImagesAsync(cancellation).ConfigureAwait(false);
        return images.FirstOrDefault(s => s.Version == version || ShortOf(s.Package) == version || s.Package == $"linux-image-{version}");
    }

    private async Task<IReadOnlyList<AptStanza>> ImagesAsync(CancellationToken cancellation)
    {
        var all = await apt.FindAsync("linux-image-", IsImage, cancellation).ConfigureAwait(false);
        // "linux-image-6.12-amd64" is a meta package: it depends on the newest image.
        return [.. all.Where(s => !s.Depends.Any(IsImage)).DistinctBy(s => (s.Package, s.Version))];
    }

    /// <summary>Since 7.2 the image package is empty and depends on those that hold kernel, configuration and modules.</summary>
    private async Task<IReadOnlyList<DebPackage>> WithPartsAsync(AptStanza image, CancellationToken cancellation)
    {
        var packages = new List<DebPackage> { image.ToPackage() };
        foreach (string part in image.Depends.Where(IsPart))
            packages.Add((await apt.ShowAsync(part, image.Version, cancellation).ConfigureAwait(false)).ToPackage());
        return packages;
    }

    /// <summary>Whether a kernel's files lie in this package beside its image package.</summary>
    internal static bool IsPart(string package) => Part().IsMatch(package);

    [GeneratedRegex(@"^linux-image-\d(?!.*-(cloud|rt)-)[0-9A-Za-z.+~-]*-amd64$")]
    private static partial Regex Image();

    [GeneratedRegex(@"^linux-(binary|modules|base)-\d")]
    private static partial Regex Part();
}
