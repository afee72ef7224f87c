using HilTests.Agent.Execution;
using HilTests.Agent.Local;
using HilTests.Core.Devices.F2fs;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>
/// A null_blk device behind the device mapper's target <c>delay</c>: each bio waits before it goes to the disk, reads for one time, writes, discards and
/// flushes for another. The device has no requests of its own; bios complete in the mapper's threads.
/// </summary>
internal sealed class DelayedDisk : Disk
{
    private readonly NullBlkDisk _under;
    private readonly string _mapped;

    private DelayedDisk(NullBlkDisk under, string mapped, string name) => (_under, _mapped, Name) = (under, mapped, name);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Makes both devices.</summary>
    public static DelayedDisk Create(DiskStep step)
    {
        var under = NullBlkDisk.Create(step with { LatencyMicroseconds = 0 }, 0);
        try
        {
            var write = step.WriteLatencyMicroseconds == 0 ? step.LatencyMicroseconds : step.WriteLatencyMicroseconds;
            var mapped = Owner.Current.Name;
            var name = DeviceMapper.Create(mapped, under.Bytes / 512, "delay", $"{under.Number} 0 {step.LatencyMicroseconds / 1000} {under.Number} 0 {write / 1000}");
            return new DelayedDisk(under, mapped, name) { Bytes = under.Bytes };
        }
        catch
        {
            under.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        var error = DeviceMapper.Remove(_mapped);
        // What the mapper still holds cannot go either; the mapped device is what to look at.
        if (error is not (Errno.None or Errno.ENXIO)) throw new AgentFailureException($"cannot remove the mapped device {_mapped}: {error}");
        _under.Dispose();
    }
}
