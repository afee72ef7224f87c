using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>The sources of a module folder of this project, with the private headers of the kernel that they include.</summary>
internal static class OwnSources
{
    /// <summary>Puts them together; the folder <c>root</c> stands for the root that the module folder's path is below.</summary>
    /// <param name="folder">One of <see cref="ModuleFolder.Own"/>.</param>
    /// <param name="kernel">The kernel's sources.</param>
    public static async Task<WorkFolder> GatherAsync(ModuleFolder folder, string kernel)
    {
        var work = await WorkFolder.CreateAsync().ConfigureAwait(false);
        string to = Path.Combine(work.At("root"), folder.Path);
        Directory.CreateDirectory(to);
        foreach (string file in Files(folder))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string header in folder.Borrowed)
            File.Copy(Path.Combine(kernel, header), Path.Combine(to, Path.GetFileName(header)));
        return work;
    }

    /// <summary>A hash of the folder's own files.</summary>
    public static string Hash(ModuleFolder folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Files(folder))
        {
            byte[] content = File.ReadAllBytes(file);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)} {content.Length}\n"));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    private static IEnumerable<string> Files(ModuleFolder folder) =>
        Directory.GetFiles(SourceTree.Find().At(folder.Path)).Order(StringComparer.Ordinal);
}
