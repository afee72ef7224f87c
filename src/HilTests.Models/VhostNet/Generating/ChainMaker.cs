using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>Writes chains of many shapes.</summary>
internal sealed class ChainMaker(Scene scene)
{
    /// <summary>Pieces of a chain at most; longer ones only where the whole table is used.</summary>
    private const int MostPieces = 4;

    /// <summary>A frame to send; null where the table has no room.</summary>
    /// <param name="ring">the TX ring</param>
    /// <param name="free">descriptors that may be used; those that are used are taken out</param>
    /// <param name="steps">gets the steps that write it</param>
    public GeneratedChain? Frame(GeneratedRing ring, List<int> free, List<Step> steps)
    {
        var length = FrameLength();
        var at = scene.TakeBuffer(Ring.Tx, scene.Header + length);
        var pieces = Cut(at, scene.Header + length, free.Count);
        if (pieces.Count > free.Count) return null;
        steps.Add(new WriteFrame(at + scene.Header, length, scene.NextContent()));
        return Write(ring, free, steps, pieces, DescriptorFlags.None);
    }

    /// <summary>A buffer to receive into; null where the table has no room.</summary>
    public GeneratedChain? Buffer(GeneratedRing ring, List<int> free, List<Step> steps, int length)
    {
        var at = scene.TakeBuffer(Ring.Rx, length);
        var pieces = Cut(at, length, free.Count);
        return pieces.Count > free.Count ? null : Write(ring, free, steps, pieces, DescriptorFlags.Write);
    }

    /// <summary>Bytes of a frame: mostly small, at the edges of what Ethernet has, sometimes large.</summary>
    public int FrameLength() => scene.Seed.Below(16) switch
    {
        // About as long as what is sent without copying, and longer.
        < 8 when scene.Holds => scene.Seed.Between(242, scene.Seed.Pick(247, 1600)),
        0 or 1 => FrameContent.EthernetHeader,
        2 => 1514,
        3 => scene.Seed.Between(1515, 9000),
        4 when scene.Kind == BackendKind.Packet => scene.Seed.Between(1, FrameContent.EthernetHeader - 1),
        5 or 6 => scene.Seed.Between(255, 258),
        _ => scene.Seed.Between(15, 400),
    };

    /// <summary>Takes a descriptor out of those that are free.</summary>
    public int Take(List<int> free)
    {
        // In order, mostly: then chains lie side by side, as real drivers have them.
        var at = scene.Seed.OneIn(3) ? scene.Seed.Below(free.Count) : 0;
        var taken = free[at];
        free.RemoveAt(at);
        return taken;
    }

    private GeneratedChain Write(GeneratedRing ring, List<int> free, List<Step> steps, List<(long At, int Length)> pieces, DescriptorFlags flags)
    {
        var (at, length) = (pieces[0].At, pieces.Sum(p => p.Length));
        var isIndirect = scene.Has(Feature.Indirect) ? scene.Seed.OneIn(3) : scene.Seed.OneIn(12);
        if (isIndirect) return WriteIndirect(ring, free, steps, pieces, flags) with { At = at, Length = length };
        var descriptors = pieces.Select(_ => Take(free)).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            var last = i == pieces.Count - 1;
            steps.Add(new WriteDesc(ring.Table, descriptors[i], scene.Guest(pieces[i].At), (uint)pieces[i].Length, last ? flags : flags | DescriptorFlags.Next, last ? 0 : descriptors[i + 1]));
        }
        return new GeneratedChain(descriptors[0], descriptors, at, length);
    }

    /// <summary>All pieces in a table, or the first one direct and the others in a table.</summary>
    private GeneratedChain WriteIndirect(GeneratedRing ring, List<int> free, List<Step> steps, List<(long At, int Length)> pieces, DescriptorFlags flags)
    {
        var isMixed = pieces.Count > 1 && free.Count > 1 && scene.Seed.OneIn(4);
        var inTable = isMixed ? pieces[1..] : pieces;
        var table = scene.TakeIndirect(inTable.Count);
        for (var i = 0; i < inTable.Count; i++)
        {
            var last = i == inTable.Count - 1;
            // The table is read in sequence, whatever next says.
            steps.Add(new WriteDesc(table, i, scene.Guest(inTable[i].At), (uint)inTable[i].Length, last ? flags : flags | DescriptorFlags.Next, last ? 0 : i + 1));
        }
        var descriptors = (isMixed ? new[] { Take(free), Take(free) } : [Take(free)]).ToList();
        if (isMixed) steps.Add(new WriteDesc(ring.Table, descriptors[0], scene.Guest(pieces[0].At), (uint)pieces[0].Length, flags | DescriptorFlags.Next, descriptors[1]));
        steps.Add(new WriteDesc(ring.Table, descriptors[^1], scene.Guest(table), (uint)(16 * inTable.Count), DescriptorFlags.Indirect));
        return new GeneratedChain(descriptors[0], descriptors, 0, 0);
    }

    private List<(long At, int Length)> Cut(long at, int total, int free)
    {
        var cuts = scene.Seed.Below(8) switch
        {
            < 4 => [],
            4 => [scene.Header],
            5 => [scene.Seed.Between(1, scene.Header + 1)],
            _ => Enumerable.Range(0, scene.Seed.Between(1, MostPieces - 1)).Select(_ => scene.Seed.OneIn(8) ? 0 : scene.Seed.Between(1, Math.Max(1, total / 2))).ToList(),
        };
        // A chain as long as the table.
        if (free is > 1 and <= 8 && scene.Seed.OneIn(12)) cuts = [.. Enumerable.Range(0, free - 1).Select(_ => scene.Seed.Between(1, 9))];
        if (free <= cuts.Count) cuts = cuts[..Math.Max(0, free - 1)];
        var pieces = new List<(long, int)>();
        foreach (var cut in cuts)
        {
            if (cut >= total) break;
            pieces.Add((at, cut));
            (at, total) = (at + cut, total - cut);
        }
        pieces.Add((at, total));
        return pieces;
    }
}
