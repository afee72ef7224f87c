using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet.Async;

/// <summary>Short ways to write programs about the asynchronous link.</summary>
internal static class AsyncScript
{
    /// <summary>The pass-through back end of most programs.</summary>
    public const string Mp = "m";

    /// <summary>Opens the device, sets both rings up and attaches a pass-through back end to both.</summary>
    public static VhostNetScript Begin(string name, string about, ulong features = Feature.Version1, int num = 256, int start = 0)
    {
        var script = new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start);
        return script.Attach(new MakeBackend(Mp, BackendKind.Mp, HeaderOf(features)), Ring.Rx, Ring.Tx);
    }

    /// <summary>The header that a pass-through back end has to supply with these features.</summary>
    public static int HeaderOf(ulong features) => (features & Feature.VhostSuppliesHeader) != 0 ? 0 : (features & Feature.Version1) != 0 ? 12 : 10;

    /// <summary>The back end keeps the requests of a ring from now on.</summary>
    public static VhostNetScript Hold(this VhostNetScript script, params ReadOnlySpan<Ring> rings)
    {
        foreach (var ring in rings) script.Add(new MpHold(Mp, ring, true, CompletionContext.Process));
        return script;
    }

    /// <summary>It completes them at once from now on.</summary>
    public static VhostNetScript Flow(this VhostNetScript script, Ring ring, CompletionContext context = CompletionContext.Process) =>
        script.Add(new MpHold(Mp, ring, false, context));

    /// <summary>Offers heads, kicks and settles.</summary>
    public static VhostNetScript Give(this VhostNetScript script, Ring ring, params IEnumerable<int> heads) =>
        script.Add(new Offer(ring, [.. heads]), new Kick(ring), new Settle());

    /// <summary>Lets requests go in this order, and settles.</summary>
    public static VhostNetScript Release(this VhostNetScript script, Ring ring, IEnumerable<int> places, CompletionContext context = CompletionContext.Process, string? errno = null, int? most = null) =>
        script.Add(Let(ring, places, context, errno, most), new Settle());

    /// <summary>Lets requests go in this order.</summary>
    public static MpRelease Let(Ring ring, IEnumerable<int> places, CompletionContext context = CompletionContext.Process, string? errno = null, int? most = null, int after = 0) =>
        new(Mp, ring, [.. places], after > 0 ? CompletionContext.Timer : context, errno, most, after);

    /// <summary>So many frames of different lengths; gives their heads.</summary>
    public static List<int> Frames(this VhostNetScript script, int count, int length = 60) => [.. Enumerable.Range(0, count).Select(i => script.TxFrame(length + i))];

    /// <summary>So many receive buffers; gives their heads and where they lie.</summary>
    public static List<(int Head, long At)> Buffers(this VhostNetScript script, int count, int length = 256) => [.. Enumerable.Range(0, count).Select(_ => script.RxBuffer(length))];

    /// <summary>Packets towards the device, of different lengths.</summary>
    public static VhostNetScript Packets(this VhostNetScript script, int count, int length = 60)
    {
        for (var i = 0; i < count; i++) script.Add(new Send(Mp, length + i, script.NextContent()));
        return script;
    }

    /// <summary>What the device holds, and what the back end has.</summary>
    public static VhostNetScript Count(this VhostNetScript script) => script.Add(new Census(), new MpCount(Mp));

    /// <summary>Where both rings stand, then the end: closed, settled, nothing left.</summary>
    public static Program End(this VhostNetScript script, ulong? seed = null) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle(), new Leaks()).ToProgram(seed) with { Device = AsyncVocabulary.Device };
}
