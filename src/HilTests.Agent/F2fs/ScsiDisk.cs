using System.Diagnostics;
using HilTests.Agent.Boot;
using HilTests.Agent.Execution;
using HilTests.Core.Devices.F2fs;

namespace HilTests.Agent.F2fs;

/// <summary>
/// A disk of the module scsi_debug, memory behind the whole stack of SCSI: with a granularity of discards coarser than a block, and a longest one.
/// Limits are the module's parameters, so it is loaded for one program and removed again; only in a machine of our own.
/// </summary>
internal sealed class ScsiDisk : Disk
{
    private const string Module = "scsi_debug";
    private const string Adapters = "/sys/bus/pseudo/devices";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private ScsiDisk(string name) => Name = name;

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Whether this machine can have one: the image holds the modules.</summary>
    public static bool IsPossible => LoadedModules.OfImage(Module) is not null && (LoadedModules.IsLoaded("sd_mod") || LoadedModules.OfImage("sd_mod") is not null);

    /// <summary>Loads the module and waits for its disk.</summary>
    public static ScsiDisk Create(DiskStep step)
    {
        if (!IsPossible) throw new AgentFailureException("'disk kind=scsi' needs the modules scsi_debug and sd_mod in the image of a VM; other machines are not touched");
        if (LoadedModules.IsLoaded(Module)) throw new AgentFailureException($"the module {Module} is loaded already: one disk of it at a time");
        ModuleLoader.Load("sd_mod");
        var most = step.DiscardMaxBlocks == 0 ? step.Mebibytes * (int)((1L << 20) / FileContent.BlockSize) : step.DiscardMaxBlocks;
        ModuleLoader.Load(Module, $"dev_size_mb={step.Mebibytes} sector_size={FileContent.BlockSize} lbpu={(step.CanDiscard ? 1 : 0)} lbprz=1 delay=0 "
            + $"unmap_granularity={Math.Max(1, step.GranularityBlocks)} unmap_alignment=0 unmap_max_blocks={most} unmap_max_desc=64");
        try
        {
            return new ScsiDisk(WaitForDisk()) { Bytes = (long)step.Mebibytes << 20 };
        }
        catch
        {
            LoadedModules.Remove(Module);
            throw;
        }
    }

    private static string WaitForDisk()
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Found() is { } name && File.Exists($"/dev/{name}")) return name;
            if (Stopwatch.GetElapsedTime(begin) > Deadline) throw new AgentFailureException($"no disk of {Module} within {Deadline.TotalSeconds:0} s");
            Thread.Sleep(5); // waits: for the bus to be scanned, until the deadline above
        }
    }

    private static string? Found() => !Directory.Exists(Adapters) ? null : Directory.GetDirectories(Adapters, "adapter*")
        .SelectMany(adapter => Directory.GetDirectories(adapter, "host*"))
        .SelectMany(host => Directory.GetDirectories(host, "target*"))
        .SelectMany(target => Directory.GetDirectories(target))
        .Select(unit => $"{unit}/block").Where(Directory.Exists)
        .SelectMany(block => Directory.GetDirectories(block)).Select(Path.GetFileName).FirstOrDefault();

    /// <inheritdoc/>
    public override void Dispose()
    {
        var removed = LoadedModules.Remove(Module);
        if (!removed.Ok) throw new AgentFailureException($"cannot remove the module {Module}: {removed}");
    }
}
