using System.Text;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Models;

namespace HilTests.Fuzzing.Targets;

/// <summary>Good messages: traces and consoles recorded from real kernels, and programs of the suites.</summary>
internal static class SeedCorpus
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Files = new(Load);

    /// <summary>Trace texts.</summary>
    public static IReadOnlyList<string> Traces => [.. Files.Value.Where(f => f.Key.EndsWith(".trace", StringComparison.Ordinal)).Select(f => f.Value)];

    /// <summary>Consoles.</summary>
    public static IReadOnlyList<string> Consoles => [.. Files.Value.Where(f => f.Key.EndsWith(".log", StringComparison.Ordinal)).Select(f => f.Value)];

    /// <summary>Words of every device's programs and of what is observed.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. ModelRegistry.Devices.SelectMany(d => Core.Devices.DeviceRegistry.Get(d).Steps).Select(s => s.Name),
        "errno=0", "errno=EINVAL", "overrun=0", "dropped=0", "end complete", "end hung", "end agent-failed", "device f2fs", "device vhost-net", "profile hz=0",
        "used=[]", "{id=0 len=0}", "wire={tap0=[]}", "holes=[{start=0 length=99999999}]", "jiffies=", "bio=0x0", "f2fs_iostat: ", "f2fs_iostat_latency: ",
        "hil begin 1", "hil end 1", "tracing_mark_write: ", "block_rq_complete: 7,0 W 4096 () 0 + 18446744073709551615 [0]", "CPU:0 [LOST 5 EVENTS]", "[999999999999]",
        "blkstart = 0x0, blklen = 0xffffffffffffffff",
    ];

    /// <summary>Bytes of texts.</summary>
    public static IReadOnlyList<byte[]> Bytes(IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The program of a trace of the corpus.</summary>
    public static Program ProgramOf(string trace) => TraceText.Parse(trace).Program;

    private static Dictionary<string, string> Load()
    {
        var assembly = typeof(SeedCorpus).Assembly;
        var files = new Dictionary<string, string>();
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            files[name] = reader.ReadToEnd();
        }
        return files.Count > 0 ? files : throw new InvalidOperationException("the corpus is not in the assembly: was the project built from a whole checkout?");
    }
}
