using HilTests.Core.Devices.VhostNet;

namespace HilTests.Models.VhostNet;

/// <summary>What scripts add for many buffers at once, and for drivers that suppress kicks and signals.</summary>
internal static class VhostNetRangeScript
{
    /// <summary>Bytes between two buffers of a range.</summary>
    public const int Slot = 128;

    /// <summary>
    /// Fills TX buffers <paramref name="first"/> to first + count - 1, one descriptor each, with frames of one length; they
    /// lie <see cref="Slot"/> bytes apart, so header and frame must fit there.
    /// </summary>
    public static VhostNetScript TxRange(this VhostNetScript script, int first, int count, int length)
    {
        var at = script.TakeTx(Slot * count);
        script.Add(new Fill(at, Slot * count, 0), new WriteFrames(at + script.Header, count, Slot, length, script.NextContents(count)));
        return script.Add(new WriteDescs(VhostNetScript.Table(Ring.Tx), first, count, VhostNetScript.Guest(at), Slot, (uint)(script.Header + length), DescriptorFlags.None));
    }

    /// <summary>Lays out RX buffers first to first + count - 1 of one length, side by side; gives where they begin.</summary>
    public static long RxRange(this VhostNetScript script, int first, int count, int length)
    {
        var at = script.TakeRx(length * count);
        script.Add(new Fill(at, length * count, 0xa5));
        script.Add(new WriteDescs(VhostNetScript.Table(Ring.Rx), first, count, VhostNetScript.Guest(at), length, (uint)length, DescriptorFlags.Write));
        return at;
    }

    /// <summary>Frames from the far side, each of the same length.</summary>
    public static VhostNetScript SendMany(this VhostNetScript script, string backend, int count, int length, int grow = 0) =>
        script.Add(new SendRange(backend, count, length, script.NextContents(count), grow));

    /// <summary>
    /// A driver at work on buffers 0 to cycle - 1 of a ring, which must have been laid out and be unused. It suppresses as
    /// the features have it, after a kick that makes sure what the device asks for.
    /// </summary>
    public static VhostNetScript DriveRing(this VhostNetScript script, Ring ring, int count, int cycle, int window = 1, Waiting wait = Waiting.Poll, int spin = 0, bool hunt = false)
    {
        var suppress = (script.Features & Feature.EventIndex) != 0 ? Suppression.EventIdx : Suppression.Flag;
        script.Add(new Kick(ring), new Settle());
        return script.Add(new Drive(ring, 0, cycle, count, window, suppress, wait, spin, script.NextContent(), Hunt: hunt));
    }
}
