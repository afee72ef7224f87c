using System.Collections.Immutable;

namespace HilTests.Models.F2fs;

/// <summary>
/// What a power cut may leave of a file: any of the images since it was last made durable, block by block. A file that is not in
/// <see cref="F2fsState.Possible"/> is found as it is.
/// </summary>
internal static class Durability
{
    /// <summary>Images that differ in more than this many ways are not told apart any more.</summary>
    private const int MostImages = 12;

    /// <summary>The file has changed from one image to the other; null: it is not there.</summary>
    public static F2fsState Changed(F2fsState state, string file, FileImage? before, FileImage? after)
    {
        var images = state.Possible.GetValueOrDefault(file) ?? [before];
        return state with { Possible = state.Possible.SetItem(file, images.IsEmpty || images.Count > MostImages ? [] : images.Add(after)) };
    }

    /// <summary>Nothing is known of these names after a power cut.</summary>
    public static F2fsState Unsure(F2fsState state, params ReadOnlySpan<string> files)
    {
        var possible = state.Possible;
        foreach (var file in files) possible = possible.SetItem(file, []);
        return state with { Possible = possible };
    }

    /// <summary>The file was synced: it is found as it is. Where a name is unsure, only a sync of everything helps.</summary>
    public static F2fsState Synced(F2fsState state, string file) =>
        state.Possible.GetValueOrDefault(file) is { IsEmpty: true } ? state : state with { Possible = state.Possible.Remove(file) };

    /// <summary>Everything was synced.</summary>
    public static F2fsState AllSynced(F2fsState state) => state with { Possible = state.Possible.Clear() };

    /// <summary>A checkpoint was written without the files' data: what is deleted stays deleted.</summary>
    public static F2fsState Checkpointed(F2fsState state) => state with
    {
        Possible = state.Possible.Where(p => state.Files.ContainsKey(p.Key)).ToImmutableSortedDictionary(),
    };

    /// <summary>Where checkpoints are paused, everything is again as the last one has it.</summary>
    public static F2fsState Reverted(F2fsState state) => state.Paused is not { } paused ? state : state with { Files = paused, Possible = state.Possible.Clear() };

    /// <summary>The power was cut: names with several possible images are open until they are read.</summary>
    public static F2fsState Crashed(F2fsState state) => Off(Reverted(state));

    private static F2fsState Off(F2fsState state) => state with
    {
        Mounted = false,
        IostatEnabled = false,
        Freed = 0,
        FreedForGood = 0,
        TrimmedAll = false,
        Dirty = false,
        Open = state.Possible,
        Files = state.Files.RemoveRange(state.Possible.Keys),
        Possible = state.Possible.Clear(),
    };
}
