using HilTests.Core.Channel;
using HilTests.Uapi;

namespace HilTests.Agent.Boot;

/// <summary>
/// The Swap request: removes modules that use each other, inserts other files in their place. All or none: where the kernel
/// refuses one, what was there before comes back.
/// </summary>
internal static class ModuleSwapper
{
    private const string Folder = "/run/hil/modules";

    /// <summary>The modules that are not the image's own, in the order in which they are inserted.</summary>
    private static readonly List<string> Swapped = [];

    private static int _swaps;

    /// <summary>Answers with a Swapped frame. What the host asked before about the kernel is no longer true then.</summary>
    public static void Apply(Frame request, FrameWriter reply)
    {
        var asked = ModuleSwap.Parse(request.Payload);
        bool isBack = asked.Modules.IsEmpty;
        string folder = $"{Folder}/{++_swaps}";
        var wanted = new List<(string Name, ModuleSource Source)>();
        if (isBack)
            wanted.AddRange(Swapped.Select(name => (name, Own(name))));
        else
            // One that this machine has no use for (a kernel may build more than the image holds) is left out.
            wanted.AddRange(asked.Modules.Where(m => LoadedModules.Of(m.Name) is not null).Select(m => (m.Name, Keep(m, folder))));
        SwapAnswer answer;
        using (var words = KernelWords.Listen())
            answer = Exchange(wanted, words);
        if (answer.Module is null)
        {
            if (isBack) Swapped.Clear();
            foreach (var (name, source) in wanted)
            {
                LoadedModules.Set(name, source);
                if (!isBack && !Swapped.Contains(name)) Swapped.Add(name);
            }
        }
        RemoveOldFiles();
        ProgramService.ForgetProfile();
        reply.Write(Frame.OfText(FrameKind.Swapped, request.RequestId, answer.ToString()));
    }

    private static ModuleSource Own(string name) =>
        LoadedModules.OfImage(name)! with { Parameters = LoadedModules.Of(name)!.Parameters };

    private static ModuleSource Keep(SwappedModule module, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = $"{folder}/{module.Name}.ko";
        using var file = File.Create(path);
        file.Write(module.Content.Span);
        return new ModuleSource(path, LoadedModules.Of(module.Name)!.Parameters);
    }

    /// <summary>Removes from the last to the first, inserts from the first to the last.</summary>
    private static SwapAnswer Exchange(List<(string Name, ModuleSource Source)> wanted, KernelWords words)
    {
        // They use what may be exchanged, and are loaded again when a program needs them.
        if (VhostNet.AsyncModules.Unload() is { } stuck) return Refused("remove", stuck.Name, stuck.Why, words, isRestored: true);
        var removed = new Stack<string>();
        foreach (var (name, _) in Enumerable.Reverse(wanted))
        {
            if (!LoadedModules.IsLoaded(name)) continue;
            var gone = LoadedModules.Remove(name);
            if (!gone.Ok) return Refused("remove", name, gone, words, PutBack(removed, []));
            removed.Push(name);
        }
        var inserted = new Stack<string>();
        foreach (var (name, source) in wanted)
        {
            var there = LoadedModules.Insert(source);
            if (!there.Ok) return Refused("insert", name, there, words, PutBack(removed, inserted));
            inserted.Push(name);
        }
        return new SwapAnswer();
    }

    private static SwapAnswer Refused(string action, string name, SyscallResult result, KernelWords words, bool isRestored) =>
        new(name, action, $"{result.Error}", string.Join("; ", words.About(name)).ReplaceLineEndings(" "), isRestored);

    private static bool PutBack(Stack<string> removed, Stack<string> inserted)
    {
        bool isRestored = true;
        foreach (string name in inserted) isRestored &= LoadedModules.Remove(name).Ok;
        foreach (string name in removed) isRestored &= LoadedModules.Insert(LoadedModules.Of(name)!).Ok;
        return isRestored;
    }

    /// <summary>Files of earlier swaps lie in memory; those in use stay, for whoever loads them again.</summary>
    private static void RemoveOldFiles()
    {
        if (!Directory.Exists(Folder)) return;
        var kept = Swapped.Select(name => Path.GetDirectoryName(LoadedModules.Of(name)!.Path)).ToHashSet();
        foreach (string folder in Directory.GetDirectories(Folder).Where(f => !kept.Contains(f))) Directory.Delete(folder, recursive: true);
    }
}
