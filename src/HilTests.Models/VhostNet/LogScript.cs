using HilTests.Core.Devices.VhostNet;

namespace HilTests.Models.VhostNet;

/// <summary>
/// The dirty log in a script. For a generator: <see cref="LogRing"/> and <see cref="LogPayload"/> may stand anywhere after
/// SetUpRing, also while traffic runs; a <see cref="ReadLog"/> step may stand anywhere at all.
/// </summary>
internal sealed partial class VhostNetScript
{
    /// <summary>Entries of a ring whose used ring has its index, its entries and avail_event on three pages of the log.</summary>
    public const int LogNum = 512;

    /// <summary>A log address for a used ring: flags and index end a page, the entries begin the next.</summary>
    public static ulong LogAddress(Ring ring) => GuestBase + (ring == Ring.Rx ? 0x200ffcUL : 0x300ffcUL);

    /// <summary>Puts the log at this byte of the log area.</summary>
    public VhostNetScript LogTo(int at) => Add(new SetLogBase(LogPlace.Area, at));

    /// <summary>Says the ring's addresses again, with or without its log flag.</summary>
    public VhostNetScript LogRing(Ring ring, bool on = true, ulong? address = null) => Add(new SetVringAddr((int)ring,
        new UserAddress(Table(ring)), new UserAddress(Avail(ring)), new UserAddress(Used(ring)), on ? 1U : 0, on ? address ?? LogAddress(ring) : 0));

    /// <summary>Sets the features again, with or without LOG_ALL.</summary>
    public VhostNetScript LogPayload(bool on = true)
    {
        Features = on ? Features | Feature.LogAll : Features & ~Feature.LogAll;
        return Add(new SetFeatures(Features));
    }
}
