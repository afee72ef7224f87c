using System.Collections.Immutable;
using System.Text;
using HilTests.Core.Channel;
using HilTests.Lab.Images;

namespace HilTests.Lab.Machines;

/// <summary>Puts modules into the order in which they can be inserted.</summary>
internal static class ModuleOrder
{
    /// <summary>Reads the files of a swap.</summary>
    /// <param name="modules">In any order.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InfrastructureException">A file cannot be read, or two have one name.</exception>
    public static async Task<ModuleSwap> ReadAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation)
    {
        var read = new List<SwappedModule>();
        foreach (var module in modules)
        {
            string name = module.Name.Replace('-', '_');
            if (read.Any(r => r.Name == name))
                throw new InfrastructureException($"the module {name} is given twice; a swap takes each once");
            try
            {
                byte[] content = await File.ReadAllBytesAsync(module.Path, cancellation).ConfigureAwait(false);
                read.Add(new SwappedModule(name, ModuleFile.WithoutSignature(content).ToArray()));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InfrastructureException($"the module {name} cannot be read from {module.Path}: {e.Message}", e);
            }
        }
        return new ModuleSwap(Sorted(read));
    }

    /// <summary>What others need first, names in order otherwise. The modules themselves say what they need.</summary>
    internal static ImmutableArray<SwappedModule> Sorted(IEnumerable<SwappedModule> modules)
    {
        var left = modules.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => (Module: m, Needs: NeedsOf(m.Content.Span))).ToList();
        var sorted = ImmutableArray.CreateBuilder<SwappedModule>();
        while (left.Count > 0)
        {
            // In a circle the kernel refuses whatever comes first, and says so.
            int next = Math.Max(0, left.FindIndex(m => !left.Any(other => m.Needs.Contains(other.Module.Name))));
            sorted.Add(left[next].Module);
            left.RemoveAt(next);
        }
        return sorted.ToImmutable();
    }

    /// <summary>The field <c>depends</c> of the section .modinfo: names with commas between, closed by a zero byte.</summary>
    private static HashSet<string> NeedsOf(ReadOnlySpan<byte> module)
    {
        ReadOnlySpan<byte> field = "\0depends="u8;
        int at = module.IndexOf(field);
        if (at < 0)
            return [];
        var rest = module[(at + field.Length)..];
        int end = rest.IndexOf((byte)0);
        return [.. Encoding.ASCII.GetString(end < 0 ? [] : rest[..end]).Replace('-', '_').Split(',')];
    }
}
