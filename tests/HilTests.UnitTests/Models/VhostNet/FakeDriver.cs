using System.Buffers.Binary;
using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>The fake device's driver for steps over ranges: it writes memory, offers, and works with kicks suppressed.</summary>
/// <param name="memory">the arena</param>
/// <param name="chance">when the worker runs</param>
/// <param name="kick">kicks a ring</param>
/// <param name="work">lets the worker run where it was woken</param>
internal sealed class FakeDriver(byte[] memory, Seed chance, Action<FakeRing> kick, Action work)
{
    public void Write(WriteDescs step)
    {
        for (var i = 0; i < step.Count; i++)
        {
            var goesOn = step.Chain && i + 1 < step.Count;
            var cell = memory.AsSpan((int)step.Table + (16 * (step.First + i)), 16);
            BinaryPrimitives.WriteUInt64LittleEndian(cell, step.Addr + (ulong)(i * step.Stride));
            BinaryPrimitives.WriteUInt32LittleEndian(cell[8..], step.Len);
            BinaryPrimitives.WriteUInt16LittleEndian(cell[12..], (ushort)((int)step.Flags | (goesOn ? 1 : 0)));
            BinaryPrimitives.WriteUInt16LittleEndian(cell[14..], (ushort)(goesOn ? step.First + i + 1 : 0));
        }
    }

    public void Write(WriteFrames step)
    {
        for (var i = 0; i < step.Count; i++) FrameContent.Make(step.Length, step.Seed + (ulong)i).CopyTo(memory, (int)step.At + (i * step.Stride));
    }

    public Value Read(ReadFrames step) =>
        Value.List(Enumerable.Range(0, step.Count).Select(i => ContentValue.Of(memory.AsSpan((int)step.At + (i * step.Stride), step.Length))));

    public List<(string, Value)> Run(Drive step, FakeRing ring)
    {
        var (done, offered, kicks) = (0, 0, 0);
        while (true)
        {
            if (chance.OneIn(2)) work();
            done += ring.TakeUsed();
            if (offered < step.Count && offered - done < step.Window)
            {
                ring.Offer([step.First + (offered++ % step.Cycle * step.Stride)]);
                if (!Wanted(step.Suppress, ring)) continue;
                kicks++;
                kick(ring);
            }
            else if (offered == done || !ring.Woken)
            {
                break;
            }
        }
        if (step.Wait == Waiting.Call) Listen(step, ring);
        var fields = new List<(string, Value)> { ("done", Value.Of(done)), ("kicks", Value.Of(kicks)) };
        if (step.Wait == Waiting.Call) fields.Add(("missed", Value.Of(0)));
        return fields;
    }

    private static bool Wanted(Suppression how, FakeRing ring)
    {
        var used = (int)ring.Driver!.Used;
        var newest = ring.Load((int)ring.Driver.Avail + 2);
        return how switch
        {
            Suppression.None => true,
            Suppression.Flag => ring.Load(used) == 0,
            _ => (ushort)(newest - 1) == ring.Load(used + 4 + (8 * ring.Driver.Num)),
        };
    }

    private static void Listen(Drive step, FakeRing ring)
    {
        var avail = (int)ring.Driver!.Avail;
        if (step.Suppress == Suppression.EventIdx) ring.Store(avail + 4 + (2 * ring.Driver.Num), ring.UsedIndex);
        else ring.Store(avail, 0);
    }
}
