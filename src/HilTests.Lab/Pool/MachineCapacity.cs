using System.Globalization;
using HilTests.Lab.Machines;

namespace HilTests.Lab.Pool;

/// <summary>How many VMs work at once on this host, and why.</summary>
/// <param name="Machines">VMs that work at once; at least 1.</param>
/// <param name="Spares">Idle VMs that memory carries beside them, kept ready for who wants a fresh one; 0 or 1.</param>
/// <param name="Why">One line: what was counted.</param>
public sealed record MachineCapacity(int Machines, int Spares, string Why)
{
    /// <summary>The most that are ever started, whatever a host has.</summary>
    public const int Most = 64;

    /// <summary>What QEMU itself takes beside the guest's memory, in MiB: translated code under TCG, buffers, its own pages.</summary>
    private const int QemuMiB = 192;

    /// <summary>What is left to everybody else, in MiB: this process, compilers, the page cache.</summary>
    private const int ReserveMiB = 512;

    /// <summary>The capacity of this host for machines of these options, as things are now.</summary>
    public static MachineCapacity OfThisHost(MachineOptions options) => Of(HostResources.Read(), options.MemoryMiB);

    /// <summary>
    /// One VM a processor: a program keeps one busy at most of the time, in the guest or in the translator. Each VM is
    /// counted with all of its memory, since a guest may touch all of it.
    /// </summary>
    /// <param name="host">What there is.</param>
    /// <param name="memoryMiB">Memory of one guest, in MiB.</param>
    public static MachineCapacity Of(HostResources host, int memoryMiB)
    {
        int each = memoryMiB + QemuMiB;
        int byCores = (int)Math.Clamp(Math.Floor(host.Cores), 1, Most);
        int byMemory = (int)Math.Clamp((host.MemoryMiB - ReserveMiB) / each, 0, Most);
        int machines = Math.Max(1, Math.Min(byCores, byMemory));
        string why = string.Create(CultureInfo.InvariantCulture, $"{host.CoresBecause} carry {byCores}; {host.MemoryMiB} MiB ({host.MemoryBecause}) less {ReserveMiB} MiB carry {byMemory} of {each} MiB");
        return new MachineCapacity(machines, byMemory > machines ? 1 : 0, why);
    }
}
