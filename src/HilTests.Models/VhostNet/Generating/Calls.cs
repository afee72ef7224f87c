using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>Calls between traffic and in the middle of it: life cycle, back ends, notification, memory, and calls that are refused.</summary>
internal sealed class Calls(Scene scene)
{
    /// <summary>Something that changes what a pass sees while one may be running. The ring goes on working afterwards.</summary>
    public IReadOnlyList<Step> Disturbance()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        return scene.Seed.Below(10) switch
        {
            0 or 1 when ring.Backend is { } name => [new SetBackend(ring.Index, "none"), .. scene.Seed.OneIn(2) ? [new Settle()] : Array.Empty<Step>(), new SetBackend(ring.Index, name), new Kick(ring.Ring)],
            2 => [MemoryTable()],
            3 => [new SetVringCall(ring.Index, FileChoice.None), new SetVringCall(ring.Index, FileChoice.Event)],
            4 or 5 => [Suppression(ring)],
            6 when scene.Logs => [new ReadLog()],
            6 => [new Kick(ring.Ring)],
            7 => [Idle()],
            8 => [new SetVringKick(ring.Index, FileChoice.Event), new Kick(ring.Ring)],
            _ => [Refused()],
        };
    }

    /// <summary>used_event near where it matters, or the flag; by what is negotiated, sometimes by what is not.</summary>
    public Step Suppression(GeneratedRing ring)
    {
        if (scene.Has(Feature.EventIndex) == scene.Seed.OneIn(10)) return new AvailFlags(ring.Ring, scene.Seed.Below(2));
        var used = scene.Ahead.Some[ring.Ring].UsedIndex;
        var off = scene.Seed.Below(12) switch
        {
            0 => 0x8000,
            1 => ring.Num,
            2 => 0xffff - used,
            var near => near - 5,
        };
        return new UsedEvent(ring.Ring, (used + off) & 0xffff);
    }

    /// <summary>Detaches and attaches a ring, with calls in between that are allowed only then.</summary>
    public void Reattach()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        if (ring.Backend is not { } name) return;
        var next = scene.Ahead.Some[ring.Ring].NextAvail;
        var between = scene.Seed.Below(8) switch
        {
            0 => [new SetVringBase(ring.Index, next)],
            // Some of what was taken is taken once more.
            1 when scene.Ahead.IsCertain(ring.Ring) => [new SetVringBase(ring.Index, (ushort)(next - scene.Seed.Between(1, Math.Min(2, ring.Num))))],
            2 => [new SetVringNum(ring.Index, (uint)ring.Num)],
            3 => [new Settle(), new GetVringBase(ring.Index)],
            4 => [new SetVringCall(ring.Index, FileChoice.None)],
            5 => [new Kick(ring.Ring), new Settle()],
            6 => [MemoryTable()],
            _ => ImmutableArray<Step>.Empty,
        };
        var other = scene.Seed.Pick(scene.Backends.ToArray());
        if (!scene.Try([new SetBackend(ring.Index, "none"), .. between, new SetBackend(ring.Index, other), .. scene.Seed.OneIn(3) ? [] : new Step[] { new Kick(ring.Ring) }, new Settle()])) return;
        ring.Backend = other;
    }

    /// <summary>Another back end in place of the one that is attached, with whatever is in flight.</summary>
    public void Swap()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        var other = scene.Seed.Pick(scene.Backends.ToArray());
        if (scene.Try(new SetBackend(ring.Index, other), new Settle())) ring.Backend = other;
    }

    /// <summary>The eventfds of a ring, unbound for a while or bound anew.</summary>
    public void Rebind()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        var file = scene.Seed.OneIn(3) ? FileChoice.None : FileChoice.Event;
        Step step = scene.Seed.Below(4) switch
        {
            0 => new SetVringErr(ring.Index, file),
            1 => new SetVringKick(ring.Index, FileChoice.Event),
            _ => new SetVringCall(ring.Index, file),
        };
        scene.Try(step);
    }

    /// <summary>The whole memory in one to four regions, or in as many as are allowed.</summary>
    public SetMemTable MemoryTable()
    {
        var cuts = scene.Seed.Below(8) switch
        {
            < 3 => 0,
            < 7 => scene.Seed.Between(1, 3),
            _ => 63,
        };
        var at = new SortedSet<long>();
        while (at.Count < Math.Min(cuts, 3)) at.Add(scene.CutPoint());
        for (var page = 1; at.Count < cuts; page++) at.Add(0x20000 + (page * 0x3000) - scene.Seed.Below(5));
        var starts = at.Prepend(0).ToList();
        return new SetMemTable([.. starts.Select((start, i) =>
            new MemoryRegion(scene.Guest(start), (ulong)((i + 1 < starts.Count ? starts[i + 1] : VhostNetArena.Size) - start), start))]);
    }

    /// <summary>A call that succeeds and leaves everything as it is.</summary>
    public Step Idle()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        return scene.Seed.Below(8) switch
        {
            0 or 1 => Addresses(ring, scene.Logs && scene.Seed.OneIn(2)),
            2 when scene.Logs => new SetFeatures(scene.Features ^ Feature.LogAll),
            2 => new SetBackendFeatures(scene.Seed.Pick(0UL, 2UL)),
            3 => new GetBusyloop(ring.Index),
            4 => new SetBusyloop(ring.Index, scene.Seed.OneIn(4) ? 20U : 0U),
            5 => new SetFeatures(scene.Features),
            6 => new SetBackend(ring.Index, ring.Backend ?? "none"),
            _ => new GetVringBase(ring.Index),
        };
    }

    /// <summary>The ring's addresses, with its log flag or without. Its log lies near its own pages, at any place in a page that is allowed.</summary>
    public SetVringAddr Addresses(GeneratedRing ring, bool log) => new(
        ring.Index, new UserAddress(ring.Table), new UserAddress(ring.Avail), new UserAddress(ring.Used), log ? 1U : 0,
        log ? scene.Guest(0x200000 + (0x100000L * ring.Index) + (4 * scene.Seed.Below(1024))) : 0);

    /// <summary>A call that nobody may make before the device has an owner.</summary>
    public Step TooEarly() => scene.Seed.Below(14) switch
    {
        0 => new GetVringBase(0),
        1 => new SetMemTable([]),
        2 => new SetBackend(1, "none"),
        3 => new UnknownIoctl(),
        4 => new ResetOwner(),
        5 => new SetBusyloop(0, 1),
        6 => new GetBusyloop(1),
        7 => new SetVringNum(0, 2),
        8 => new SetVringBase(1, 0),
        9 => new SetVringAddr(0, new UserAddress(0), new UserAddress(0), new UserAddress(0)),
        10 => new SetVringKick(0, FileChoice.Event),
        11 => new SetVringCall(1, FileChoice.None),
        12 => new SetVringErr(0, FileChoice.Closed),
        _ => new Settle(),
    };

    /// <summary>A used ring that nobody may write to: a back end is refused then, and the old one stays.</summary>
    public void Unready()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        if (ring.Backend is not { } name) return;
        var (table, avail) = (new UserAddress(ring.Table), new UserAddress(ring.Avail));
        scene.Try(
            new SetBackend(ring.Index, "none"), new SetVringAddr(ring.Index, table, avail, new UserAddress(null)), new SetBackend(ring.Index, name),
            new SetVringAddr(ring.Index, table, avail, new UserAddress(ring.Used)), new SetBackend(ring.Index, name), new Kick(ring.Ring), new Settle());
    }

    /// <summary>A call that fails, or says something, and changes nothing.</summary>
    public Step Refused()
    {
        var ring = scene.Seed.Below(2);
        var wrong = scene.Seed.Pick(2, 3, 0x7fffffff);
        var (at, file) = (scene.Rings.First(), scene.Seed.Pick(FileChoice.File, FileChoice.Closed));
        return scene.Seed.Below(30) switch
        {
            0 => new SetOwner(),
            1 => new SetFeatures(1UL << scene.Seed.Pick(34, 16, 41, 63)),
            2 => new SetVringNum(wrong, 256),
            3 => new SetVringBase(wrong, 0),
            4 => new GetVringBase(wrong),
            5 => new SetVringAddr(wrong, new UserAddress(0), new UserAddress(0), new UserAddress(0)),
            6 => new SetVringKick(ring, file),
            7 => new SetVringCall(ring, file),
            8 => new SetVringErr(ring, file),
            9 => new SetVringKick(wrong, FileChoice.Event),
            10 => new SetVringCall(wrong, FileChoice.None),
            11 => new SetVringErr(wrong, FileChoice.Event),
            12 => new SetVringAddr(ring, new UserAddress(at.Table), new UserAddress(at.Avail + 1), new UserAddress(at.Used)),
            13 => new SetVringAddr(ring, new UserAddress(at.Table), new UserAddress(at.Avail), new UserAddress(at.Used + scene.Seed.Between(1, 3))),
            14 => new SetVringAddr(ring, new UserAddress(at.Table), new UserAddress(at.Avail), new UserAddress(at.Used), Flags: (uint)scene.Seed.Pick(2, 3, 4)),
            15 => new SetMemTable([new MemoryRegion(0x1000, 0x1000, 0)], Padding: 1),
            16 => new SetMemTable([new MemoryRegion(ulong.MaxValue - 0xfff, 0x2000, 0)]),
            17 => new SetMemTable([], Count: 65),
            18 => new SetBackend(wrong, "none"),
            19 or 20 => new SetBackend(ring, "bad"),
            21 => new SetVringNum(ring, (uint)scene.Seed.Pick(0, 3, 255, 65536, 32767)),
            22 => new SetVringBase(ring, 65536),
            23 => new GetFeatures(),
            24 => new SetBackendFeatures(1UL << 40),
            25 => new UnknownIoctl(),
            26 => new GetBusyloop(scene.Seed.Pick(ring, wrong)),
            27 => new SetBusyloop(wrong, 10),
            28 => new GetBackendFeatures(),
            _ => new SetVringNum(ring, (uint)scene.Seed.Pick(3, 12)),
        };
    }
}
