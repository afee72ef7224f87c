using HilTests.Nightly.Nights;

namespace HilTests.Cli.Nightly;

/// <summary>The command that runs a shard: this very program.</summary>
internal static class ShardCommand
{
    /// <summary>Its words, before the night's folder and the shard's number.</summary>
    public static IReadOnlyList<string> Of(NightEngine engine, bool leashed)
    {
        if (engine.ShardCommand is { } other) return other;
        var host = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";
        string[] words = [host, Path.Combine(AppContext.BaseDirectory, "hil.dll"), "nightly", "shard"];
        return leashed ? [.. words, "--leash"] : words;
    }
}
