using System.Collections.Immutable;
using System.Globalization;
using HilTests.Lab.Images;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Diagnosis;

/// <summary>
/// Turns frames into source lines, inlined functions too, where a file with debug information is known: modules that
/// this project built keep one, and so does a kernel tree that a user built. Packaged kernels have none.
/// </summary>
/// <param name="vmlinux">The kernel with debug information; null where there is none.</param>
/// <param name="modules">Modules that were put in place of packaged ones.</param>
public sealed class FrameDecoder(string? vmlinux, IReadOnlyList<ModuleOverride> modules)
{
    private const int MostFrames = 16;

    private static readonly string[] TopFolders = ["/drivers/", "/fs/", "/include/", "/kernel/", "/mm/", "/net/", "/lib/", "/block/", "/arch/", "/vm-images/"];

    /// <summary>What a person wants to know of a report: who, where, and each frame that is sure, with its source lines.</summary>
    public async Task<ImmutableArray<string>> DescribeAsync(KernelReport report)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        if (report.Process.Length > 0)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"in {report.Process}{(report.ProcessId is { } pid ? $" (process {pid})" : "")}{(report.Cpu is { } cpu ? $" on processor {cpu}" : "")}"));
        }
        var bare = new SortedSet<string>(StringComparer.Ordinal);
        var frames = report.Frames.Where(f => !f.IsGuess).ToList();
        foreach (var frame in frames.Take(MostFrames))
        {
            // A return address lies behind the call; one byte less lies in it.
            var places = await PlacesAsync(frame, isReturn: frame != report.InstructionPointer).ConfigureAwait(false);
            lines.Add($"  {frame}{(places.Count > 0 ? $" at {places[0]}" : "")}");
            lines.AddRange(places.Skip(1).Select(p => $"    inlined into {p}"));
            if (places.Count == 0)
                bare.Add(frame.Module ?? "the kernel");
        }
        if (frames.Count > MostFrames)
            lines.Add($"  … {frames.Count - MostFrames} more");
        if (bare.Count > 0)
            lines.Add($"no source lines for {string.Join(", ", bare)}: no debug information is there");
        return lines.ToImmutable();
    }

    /// <summary>Where a frame is, the innermost inlined function first: <c>vhost_get_vq_desc (drivers/vhost/vhost.c:2517)</c>. Empty where it is not known.</summary>
    public async Task<IReadOnlyList<string>> PlacesAsync(StackFrame frame, bool isReturn)
    {
        string? file = frame.Module is null ? vmlinux : modules.FirstOrDefault(m => m.Name.Replace('-', '_') == frame.Module)?.DebugPath;
        if (file is null || !File.Exists(file) || Programs.Find("addr2line") is null || Programs.Find("readelf") is null)
            return [];
        var table = await new Command("readelf", "-sSW", file).RunAsync(CancellationToken.None).ConfigureAwait(false);
        var (section, value) = Find(table.Output, frame);
        if (section.Length == 0)
            return [];
        ulong address = value + frame.Offset - (isReturn && frame.Offset > 0 ? 1UL : 0);
        string[] where = frame.Module is null ? [] : ["-j", section];
        var found = await new Command("addr2line", ["-e", file, .. where, "-f", "-i", string.Create(CultureInfo.InvariantCulture, $"0x{address:x}")])
            .RunAsync(CancellationToken.None).ConfigureAwait(false);
        string[] answer = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var places = new List<string>();
        for (int i = 0; i + 1 < answer.Length && !answer[i + 1].StartsWith("??", StringComparison.Ordinal); i += 2)
            places.Add($"{answer[i]} ({Short(answer[i + 1])})");
        return places;
    }

    /// <summary>Section and value of the function's symbol; an empty name where the file has no such function of that size.</summary>
    private static (string Section, ulong Value) Find(string table, StackFrame frame)
    {
        var sections = new Dictionary<string, string>();
        foreach (string line in table.Split('\n'))
        {
            // "[ 4] .text PROGBITS …", then "12: 0000000000000040 52 FUNC LOCAL DEFAULT 4 name".
            string[] words = line.Replace("[ ", "[", StringComparison.Ordinal).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is [['[', .., ']'], var name, _, ..])
                sections.TryAdd(words[0].Trim('[', ']'), name);
            else if (words is [_, _, _, "FUNC", _, _, _, var symbol] && symbol == frame.Symbol && HasSize(words[2], frame.Size)
                && ulong.TryParse(words[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
                return (sections.GetValueOrDefault(words[6], ""), value);
        }
        return ("", 0);
    }

    /// <summary>The kernel counts up to the next symbol, so padding is part of a function's size there.</summary>
    private static bool HasSize(string text, ulong size) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong own) && own <= size && size - own < 64;

    private static string Short(string place)
    {
        place = place.Split(" (discriminator", 2)[0];
        int cut = TopFolders.Select(f => place.IndexOf(f, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Max();
        return cut < 0 ? place : place[(cut + 1)..];
    }
}
